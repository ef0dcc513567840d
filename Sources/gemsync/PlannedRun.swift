// SPDX-License-Identifier: MIT

import ArgumentParser
import DRM
import DRMDrivers
import Devices
import Reports
import Runs

/// The run of a plan on devices, with its report.
struct PlannedRun {
  let plan: Plan
  let subjects: Subjects
  let selections: [Selection]
  /// Whether each item has a process of its own.
  let isIsolated: Bool
  let rehearsal: Rehearsal?
  let rules: WatchRules
  /// Whether the calls of the items are printed.
  let isTraced: Bool
  /// Keeps the results; nil for a run that only reports them.
  let folder: ResultFolder?

  /// Runs the items, reports each, and returns how the run ended.
  func run(into report: inout ReportStream) -> RunEnd {
    let devices = selections.flatMap(\.devices)
    let executor: any Executor =
      isIsolated
      ? IsolatedExecutor(
        plan.work, of: subjects, on: devices, limits: plan.policy.limits, rehearsal: rehearsal)
      : InProcessExecutor(plan.work, of: subjects, on: devices)
    let watches = Watches(of: devices, running: subjects, rules)
    for limit in watches.limits { Terminal.complain("not watched: \(limit)") }
    let session = RunSession(
      plan, by: executor, in: folder, watchedBy: watches
    ) { Interruption.signal }
    let counts = plan.itemCounts
    var current = -1
    // A device without items has a heading too, in its place.
    func start(through device: Int) {
      while current < device {
        current += 1
        report.start(devices[current], count: counts[current])
      }
    }
    let end = session.run { event in
      switch event {
      case .began(let item):
        start(through: item.device)
        report.begin(item.name)
        if isTraced {
          Terminal.note("# \(devices[item.device].description.label) \(item.name)")
        }
      case .ended(let item, let row):
        report.add(row, statement: subjects.statement(of: item.name))
      case .abandoned: report.abandon()
      case .lost(_, let reason): report.lose(reason)
      }
    }
    if end != .complete { report.cutShort() }
    start(through: devices.count - 1)
    return end
  }
}

extension RunEnd {
  /// Why the run ended before its last item; nil where it did not, or by a signal.
  var reason: String? {
    if case .stopped(let reason) = self { reason } else { nil }
  }
}

/// The options for the folder that keeps a run.
struct FolderOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keep the run in a new folder, which outlives any end of it.", valueName: "folder"))
  var result: String?

  @Option(
    help: ArgumentHelp(
      "Go on with the run in a folder; what has a result does not run again.",
      valueName: "folder"))
  var resume: String?

  func validate() throws {
    guard result == nil || resume == nil else {
      throw ValidationError("--result and --resume exclude each other")
    }
  }

  /// Refuses what a run that goes on has in its plan.
  ///
  /// - Parameter names: the checks or scripts that are named.
  func check(
    _ names: [String], _ devices: DeviceOptions, _ selection: SelectionOptions,
    _ running: RunOptions
  ) throws {
    guard resume != nil else { return }
    let plan = "--resume goes on with the plan of its run"
    guard names.isEmpty, devices.devices.isEmpty, selection.isDefault else {
      throw ValidationError("\(plan): it takes no selection")
    }
    if let option = running.givenPolicy { throw ValidationError("\(plan): it takes no \(option)") }
  }

  /// The files of the run that goes on.
  var inputs: [String] { Self.files(of: resume) }

  /// The files of a run's folder, none of which is an output.
  static func files(of folder: String?) -> [String] {
    folder.map { ["\($0)/plan.json", "\($0)/journal.jsonl"] } ?? []
  }

  /// Refuses a place for results that the folder of the run will have.
  func check(_ output: OutputOptions) throws(ReportError) {
    guard let result, output.output == result else { return }
    throw ReportError(description: "\(result): is the folder of --result too")
  }

  /// Whether a folder keeps the run.
  var isKept: Bool { result != nil || resume != nil }

  /// Creates the folder of a new run; nil without `--result`.
  func create(for plan: Plan) throws(ReportError) -> ResultFolder? {
    if let result { try ResultFolder.create(at: result, plan: plan) } else { nil }
  }

  /// Opens the folder of a run that goes on, and its devices; nil without `--resume`.
  ///
  /// - Throws: also where the folder is not that of a run of `work`, or a device is another one now.
  func open(_ command: String) throws -> (folder: ResultFolder, selections: [Selection])? {
    guard let resume else { return nil }
    let folder = try ResultFolder.open(at: resume)
    let work = folder.plan.work
    guard work.command == command else {
      throw ReportError(
        description:
          "\(folder.path): a run of \(work.noun); 'gemsync \(work.command) --resume' goes on with it"
      )
    }
    return (folder, [Selection(devices: try folder.plan.openDevices())])
  }
}
