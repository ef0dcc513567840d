// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel
@_spi(ProposedSync) package import DRM
public import DRMConformance
public import Litmus
public import LitmusRunner
internal import Reports

/// What a run does with each of its items, in a form that another process can read.
public enum Work: Hashable, Sendable, Codable {
  case checks(CheckWork)
  case scripts(ScriptWork)

  /// The subcommand that does it.
  public var command: String {
    switch self {
    case .checks: "check"
    case .scripts: "run"
    }
  }

  /// What the items are, such as `checks`.
  public var noun: String {
    switch self {
    case .checks: "checks"
    case .scripts: "scripts"
    }
  }
}

/// How checks run.
public struct CheckWork: Hashable, Sendable, Codable {
  /// Whether checks run that make a kernel print a WARN.
  public let provokesWarnings: Bool
  /// Whether checks may submit jobs; nil: on mocks only.
  public let allowsJobs: Bool?

  /// Creates the work.
  public init(provokesWarnings: Bool, allowsJobs: Bool?) {
    (self.provokesWarnings, self.allowsJobs) = (provokesWarnings, allowsJobs)
  }

  /// Runs a check in this process.
  func run(_ check: Check, on device: DRMDevice) -> ResultRow {
    let isMock = device.description.location == .mock
    let runner = CheckRunner(
      [check], provokesWarnings: provokesWarnings, allowsJobs: allowsJobs ?? isMock)
    return ResultRow(runner.run(check, on: device).naming(device), on: device.description)
  }
}

/// How scripts run.
public struct ScriptWork: Hashable, Sendable, Codable {
  public let jobs: JobRule
  /// The variant of the sync ABI: `merged` or `series-v4`.
  private let dialect: String
  /// The file with the schedule of the only script; nil for a run without a schedule.
  let schedule: String?

  /// Creates the work.
  package init(jobs: JobRule, abi: SyncABI, schedule: String?) {
    (self.jobs, dialect, self.schedule) = (jobs, abi.rawValue, schedule)
  }

  /// Runs a script in this process.
  func run(_ script: Script, _ events: Schedule?, on device: DRMDevice) -> ResultRow {
    // A schedule has the time of each access of a job, which only a model can follow.
    let execution = schedule == nil ? jobs.execution(on: device) : .modelled
    let machine = ScriptMachine(
      device, jobs: execution, abi: SyncABI(rawValue: dialect) ?? .merged)
    let run = ScriptRun(script, events, by: ScriptRunner(machine))
    return ResultRow(run.result.naming(device), on: device.description, steps: run.counts)
  }
}

/// The checks and scripts of a run, by the names of its items.
public struct Subjects: Sendable {
  private let checks: [String: Check]
  private let scripts: [String: Script]
  private let schedule: Schedule?

  /// Finds items by the ids of checks and the paths of scripts.
  ///
  /// - Parameter schedule: that of the only script; nil for a run without a schedule.
  public init(checks: [Check] = [], scripts: [Script] = [], schedule: Schedule? = nil) {
    self.schedule = schedule
    self.checks = Dictionary(checks.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    self.scripts = Dictionary(
      scripts.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Reads what one item needs.
  init(_ name: String, for work: Work) throws(ReportError) {
    switch work {
    case .checks: self.init(checks: CheckCatalog.all.filter { $0.id == name })
    case .scripts(let work):
      let files = try ScriptFiles([name])
      guard let script = files.scripts.first else {
        throw ReportError(description: files.failures.first ?? "\(name): no script")
      }
      let schedule = try work.schedule.map { path throws(ReportError) in
        try ScheduleFile(contentsOf: path).schedule(for: script, in: path)
      }
      self.init(scripts: [script], schedule: schedule)
    }
  }

  /// What an item states: the statement of a check, or what a script is about.
  public func statement(of name: String) -> String {
    checks[name]?.statement ?? scripts[name]?.about ?? ""
  }

  /// What an item makes the kernel report although nothing is wrong.
  func provocation(of name: String) -> Provocation {
    guard let check = checks[name] else { return [] }
    if check.provokesWarning { return .warnings }
    // The driver reports a job that hangs.
    return name.split(separator: ".").contains("hang") ? .messages : []
  }

  /// The id of the item's result.
  public func id(of name: String) -> String { scripts[name]?.id ?? Script.id(ofPath: name) }

  /// Carries out an item in this process.
  func run(
    _ name: String, _ work: Work, on device: DRMDevice
  ) throws(ReportError) -> ResultRow {
    switch work {
    case .checks(let work): if let check = checks[name] { return work.run(check, on: device) }
    case .scripts(let work):
      if let script = scripts[name] { return work.run(script, schedule, on: device) }
    }
    throw ReportError(description: "\(name): this gemsync has no such \(work.noun.dropLast())")
  }
}
