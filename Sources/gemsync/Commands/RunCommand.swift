// SPDX-License-Identifier: MIT

import DRMConformance
import DRMDrivers
@_spi(ProposedSync) import DRM
import ArgumentParser
import Devices
import Reports
import Runs
import LitmusRunner
import Litmus

/// The subcommand `gemsync run`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run scripts on devices, and check what every read sees.",
    discussion: """
      A mock models non-coherent caches and runs jobs as late as possible. Jobs are
      submitted to a real device only with --allow-jobs: they read and write the
      bytes of the script, but a GPU may also execute a stale job descriptor or
      command stream. A job that a driver cannot express is skipped with the reason,
      and reads of its bytes are not checked.

      Exit codes: 0 all passed or were skipped, 1 something failed, 2 usage, 77
      everything was skipped.

      Examples:
        gemsync run flush.yaml
        gemsync run --schema > script.schema.json
        gemsync run scripts/ --device all --format json --output board.json
        gemsync run scripts/ --device mock:panthor,heap --device mock:panfrost --repeat 10 --shuffle 7
        gemsync run flush.yaml --device mock:panthor,policy=series-v4 --dialect series-v4
        gemsync run scripts/ --device all --allow-jobs
      """
  )

  @Argument(help: "Run these scripts: files, '-' for stdin, or directories of *.yaml files.")
  var scripts: [String] = []

  @Flag(help: "Print the JSON Schema of scripts, and run nothing.")
  var schema = false

  @OptionGroup var devices: DeviceOptions
  @OptionGroup var output: OutputOptions

  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup(title: "Running") var running: RunOptions
  @OptionGroup(title: "Result folder") var folder: FolderOptions

  @Option(
    help: ArgumentHelp(
      "The ABI variant of the kernel's sync operations, merged or series-v4; a kernel does not report it."
    ))
  var dialect = DialectOption.merged

  @Option(
    help: ArgumentHelp(
      "Run one script with the evictions, fills and job times of a file that 'gemsync explore' wrote; the mock "
        + "needs evict=never,fill=never.", valueName: "file"))
  var schedule: String?

  @OptionGroup var jobs: JobOptions

  @Flag(name: .shortAndLong, help: "List passed scripts too, and the result of each step.")
  var verbose = false

  @Flag(name: .shortAndLong, help: "Print only failures and the last summary.")
  var quiet = false

  @Flag(
    help:
      "Print every call to the kernel to stderr before it is made, and then its result; excludes --isolate."
  )
  var trace = false

  func validate() throws {
    try folder.check(scripts, devices, selection, running)
    guard schema == scripts.isEmpty || folder.resume != nil else {
      throw ValidationError(
        schema ? "--schema takes no script" : "run needs scripts, or directories of them")
    }
    guard schedule == nil || jobs.gpuJobs == .either || jobs.gpuJobs == .modelled else {
      throw ValidationError("--schedule needs modelled jobs: it has the time of each access")
    }
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
    guard !schema else {
      return try output.write(ScriptSchema.text, to: try output.destination())
    }
    let resumed = try folder.open(RunCommand.configuration.commandName ?? "")
    let files = try ScriptFiles(resumed?.folder.plan.names ?? scripts)
    try files.requireScript()
    try InputFile.checkStandardInput(inputs(scripts))
    let schedule = try schedule(for: files)
    let file = try output.destination(inputs: inputs(files.paths))
    try folder.check(output)
    var selections = try resumed?.selections ?? tap(try devices.resolve())
    if trace { selections = LiveTrace.attach(to: selections) }
    let isIsolated = try running.isolates(
      selections.flatMap(\.devices), as: resumed?.folder.plan,
      without: try obstacle(isRecorded: isRecorded))
    let plan =
      try resumed?.folder.plan ?? plan(files.scripts, on: selections, isIsolated: isIsolated)
    let rehearsal = try running.rehearsal(
      on: selections.flatMap(\.devices), isKept: folder.isKept)
    Interruption.begin()
    var report = ReportStream(
      of: selection.rounds > 1 ? "runs" : "scripts", on: selections, output, to: file,
      isVerbose: verbose, isQuiet: quiet, durations: running.durations)
    let run = PlannedRun(
      plan: plan, subjects: Subjects(scripts: files.scripts, schedule: schedule),
      selections: selections,
      isIsolated: isIsolated,
      rehearsal: rehearsal, rules: try running.watchRules(), isTraced: trace,
      folder: try resumed?.folder ?? folder.create(for: plan))
    let end = run.run(into: &report)
    throw files.exitCode(try finish(&report, end))
  }

  private func schedule(for files: ScriptFiles) throws -> Schedule? {
    guard let schedule else { return nil }
    guard files.paths.count == 1 else {
      throw ReportError(
        description: "\(schedule): a schedule is for one script, not \(files.paths.count)")
    }
    return try ScheduleFile(contentsOf: schedule).schedule(for: files.scripts[0], in: schedule)
  }

  /// Returns what excludes processes of their own: another process cannot read this one's stdin.
  private func obstacle(isRecorded: Bool) throws(ReportError) -> String? {
    if isRecorded { return "record" }
    if trace { return "--trace" }
    guard inputs(scripts).contains("-") else { return nil }
    guard folder.result == nil else {
      throw ReportError(description: "stdin: --result needs a file, to go on with it")
    }
    return "stdin"
  }

  private func plan(
    _ scripts: [Script], on selections: [Selection], isIsolated: Bool
  ) throws -> Plan {
    let names = scripts.map { (name: $0.path, id: $0.id) }
    return try selection.plan(
      of: selections.flatMap(\.devices).map { _ in names }, on: selections,
      work: .scripts(ScriptWork(jobs: jobs.rule, abi: dialect.abi, schedule: schedule)),
      policy: running.policy, isIsolated: isIsolated, isKept: folder.isKept)
  }

  /// The files that the command reads.
  var inputs: [String] { inputs(ScriptFiles.paths(in: scripts)) }

  private func inputs(_ scripts: [String]) -> [String] {
    scripts + (schedule.map { [$0] } ?? []) + selection.inputs + folder.inputs
  }

  /// Adds what was executed, and ends the report.
  private func finish(_ report: inout ReportStream, _ end: RunEnd) throws -> ExitCode {
    report.end()
    let counts = report.rows.compactMap(\.steps)
    if !quiet {
      report.add(
        "\(counts.reduce(0) { $0 + $1.executed }) steps executed, "
          + "\(counts.reduce(0) { $0 + $1.skipped }) left out\n")
    }
    let code = try report.finish(end.reason)
    let partial = report.rows.filter { $0.verdict == .pass && $0.reason != nil && !$0.isFlaky }
    if let reason = partial.first?.reason {
      Terminal.complain(
        "\(partial.count) of \(report.rows.count) runs left steps out, such as \(reason)")
    }
    return code
  }
}

/// The values of `--dialect`: the ABI variants of sync operations.
enum DialectOption: String, ExpressibleByArgument, CaseIterable {
  case merged
  case seriesV4 = "series-v4"

  var abi: SyncABI {
    switch self {
    case .merged: .merged
    case .seriesV4: .seriesV4
    }
  }
}
