// SPDX-License-Identifier: MIT

import DRMDrivers
import DRM
import ArgumentParser
import DRMConformance
import Devices
import Reports
import Runs

/// The subcommand `gemsync check`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check the memory uAPI of devices.",
    discussion: """
      Examples:
        gemsync check
        gemsync check panthor.bo_sync 'core.*close*' --device mock:all
        gemsync check --list panthor.bo_create
        gemsync check --device all --format json --output board.json
        gemsync check panthor.maintenance --device mock:panthor --repeat 100
        gemsync check panthor.bo_create.size_zero --trace
        gemsync check -d mock:all -k sync --exclude 'panfrost.*' --repeat 3 --shuffle 7
        gemsync check core --isolate --per-test-timeout 5 --inject hang:core.version.null
      """
  )

  @Argument(
    help:
      "Run the checks with these ids: whole ids, leading parts of them, or patterns with *. Without any, run all."
  )
  var patterns: [String] = []

  @OptionGroup var devices: DeviceOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup(title: "Running") var running: RunOptions
  @OptionGroup(title: "Result folder") var folder: FolderOptions

  @Flag(help: "List the selected checks, with --device those for its driver, and run nothing.")
  var list = false

  @Flag(name: .shortAndLong, help: "List passed checks too, and each skipped one.")
  var verbose = false

  @Flag(name: .shortAndLong, help: "Print only failures and the last summary.")
  var quiet = false

  @Flag(help: "Run the checks that make the kernel print a WARN; this taints the kernel.")
  var provokeWarnings = false

  @Flag(
    inversion: .prefixedNo, exclusivity: .exclusive,
    help: ArgumentHelp(
      "Run the checks that submit jobs; the default is to run them on mocks only.",
      discussion:
        "The GPU of a real device must run the jobs. A trace does not have what jobs read."))
  var allowJobs: Bool?

  @Flag(
    help:
      "Print every call to the kernel to stderr before it is made, and then its result; excludes --isolate."
  )
  var trace = false

  func validate() throws {
    try folder.check(patterns, devices, selection, running)
  }

  func run() throws {
    try run(isRecorded: false) { $0 }
  }

  /// Runs with interposed kernels that record the calls.
  func run(through tap: ([Selection]) throws -> [Selection]) throws {
    try run(isRecorded: true, through: tap)
  }

  private func run(
    isRecorded: Bool, through tap: ([Selection]) throws -> [Selection]
  ) throws {
    let checks = try selectChecks()
    let file = try output.destination(inputs: selection.inputs + folder.inputs)
    try folder.check(output)
    guard !list else { return try listChecks(checks, to: file) }
    let resumed = try folder.open(CheckCommand.configuration.commandName ?? "")
    let obstacle = isRecorded ? "record" : trace ? "--trace" : nil
    var selections = try resumed?.selections ?? tap(try devices.resolve())
    if trace { selections = LiveTrace.attach(to: selections) }
    let isIsolated = try running.isolates(
      selections.flatMap(\.devices), as: resumed?.folder.plan, without: obstacle)
    let plan =
      try resumed?.folder.plan
      ?? plan(checks, on: selections, isRecorded: isRecorded, isIsolated: isIsolated)
    let rehearsal = try running.rehearsal(
      on: selections.flatMap(\.devices), isKept: folder.isKept)
    Interruption.begin()
    var report = ReportStream(
      of: selection.rounds > 1 ? "runs" : "checks", on: selections, output, to: file,
      isVerbose: verbose, isQuiet: quiet,
      durations: running.durations)
    let run = PlannedRun(
      plan: plan, subjects: Subjects(checks: checks), selections: selections,
      isIsolated: isIsolated,
      rehearsal: rehearsal, rules: try running.watchRules(), isTraced: trace,
      folder: try resumed?.folder ?? folder.create(for: plan))
    let end = run.run(into: &report)
    throw try report.finish(end.reason)
  }

  private func plan(
    _ checks: [Check], on selections: [Selection], isRecorded: Bool, isIsolated: Bool
  ) throws -> Plan {
    let runner = CheckRunner(checks)
    let names = selections.flatMap(\.devices).map { device in
      runner.checks(for: device).map { (name: $0.id, id: $0.id) }
    }
    let work = CheckWork(
      provokesWarnings: provokeWarnings, allowsJobs: allowJobs ?? (isRecorded ? false : nil))
    return try selection.plan(
      of: names, on: selections, work: .checks(work), policy: running.policy,
      isIsolated: isIsolated, isKept: folder.isKept)
  }

  private func listChecks(_ checks: [Check], to file: OutputFile?) throws {
    var listed = try selection.chosen(of: checks)
    if !devices.devices.isEmpty || devices.requireHardware {
      let runner = CheckRunner(checks)
      let ids = try devices.resolve().flatMap(\.devices)
        .reduce(into: Set<String>()) { $0.formUnion(runner.checks(for: $1).map(\.id)) }
      listed = listed.filter { ids.contains($0.id) }
    }
    switch output.format {
    case .human:
      try output.write(listed.map { "\($0.id)  \($0.statement)\n" }.joined(), to: file)
    case .json: try output.write(CheckList(listed).json(), to: file)
    }
  }

  private func selectChecks() throws -> [Check] {
    guard !patterns.isEmpty else { return CheckCatalog.all }
    var wanted: Set<String> = []
    for pattern in patterns {
      let matching = CheckCatalog.matching(pattern)
      guard !matching.isEmpty else {
        throw ValidationError("no check matches '\(pattern)'; 'gemsync check --list' lists them")
      }
      wanted.formUnion(matching.map(\.id))
    }
    return CheckCatalog.all.filter { wanted.contains($0.id) }
  }
}
