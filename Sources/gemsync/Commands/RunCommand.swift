// SPDX-License-Identifier: MIT

import DRMConformance
import DRMDrivers
@_spi(ProposedSync) import DRM
import ArgumentParser
import Devices
import Fuzzing
import Reports
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

  @Option(name: .customLong("repeat"), help: "Run all scripts so many times.")
  var rounds = 1

  @Option(
    help: ArgumentHelp(
      "Run the scripts in random order; the same seed gives the same order.", valueName: "seed"))
  var shuffle: UInt64?

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

  @Flag(help: "List passed scripts too, and the result of each step.")
  var verbose = false

  @Flag(help: "Print every call to the kernel to stderr before it is made, and then its result.")
  var trace = false

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--repeat is at least 1") }
    guard schema == scripts.isEmpty else {
      throw ValidationError(
        schema ? "--schema takes no script" : "run needs scripts, or directories of them")
    }
    guard schedule == nil || jobs.jobs == .either || jobs.jobs == .modelled else {
      throw ValidationError("--schedule needs modelled jobs: it has the time of each access")
    }
  }

  func run() throws {
    try run { $0 }
  }

  /// Runs with interposed kernels that record the calls.
  func run(through tap: ([Selection]) throws -> [Selection]) throws {
    guard !schema else {
      return try output.write(ScriptSchema.text, to: try output.destination())
    }
    let files = try ScriptFiles(scripts)
    try files.requireScript()
    try InputFile.checkStandardInput(inputs(scripts))
    let schedule = try schedule.map { path in
      guard files.paths.count == 1 else {
        throw ReportError(
          description: "\(path): a schedule is for one script, not \(files.paths.count)")
      }
      return try ScheduleFile(contentsOf: path).schedule(for: files.scripts[0], in: path)
    }
    let file = try output.destination(inputs: inputs(files.paths))
    var selections = try tap(try devices.resolve())
    if trace { selections = LiveTrace.attach(to: selections) }
    Interruption.begin()
    throw files.exitCode(try runAll(files.scripts, schedule, on: selections, to: file))
  }

  /// The files that the command reads.
  var inputs: [String] { inputs(ScriptFiles.paths(in: scripts)) }

  private func inputs(_ scripts: [String]) -> [String] {
    scripts + (schedule.map { [$0] } ?? [])
  }

  private func runAll(
    _ scripts: [Script], _ schedule: Schedule?, on selections: [Selection], to file: OutputFile?
  ) throws -> ExitCode {
    var report = ReportStream(
      of: rounds > 1 ? "runs" : "scripts", on: selections, output, to: file, isVerbose: verbose)
    for device in selections.flatMap(\.devices) {
      report.start(device, count: rounds * scripts.count)
      // A schedule has the time of each access of a job, which only a model can follow.
      let execution = schedule == nil ? jobs.execution(on: device) : .modelled
      let runner = ScriptRunner(
        ScriptMachine(device, jobs: execution, abi: dialect.abi))
      let label = device.description.label
      var random = SeededRandom(seed: shuffle ?? 0)
      for _ in 0..<rounds where !Interruption.isPending {
        let order = shuffle == nil ? scripts : scripts.shuffled(by: &random)
        for script in order where !Interruption.isPending {
          report.begin(script.path)
          let work: @Sendable () -> ScriptRun = { ScriptRun(script, schedule, by: runner) }
          guard let run = try Interruption.value(of: work) else {
            report.abandon()
            break
          }
          if trace { Terminal.note("# \(label) \(run.result.id)") }
          report.add(
            run.result, on: device, text: run.summary, statement: script.about, steps: run.counts)
          if verbose { report.add(run.steps) }
        }
      }
    }
    report.end()
    let counts = report.rows.compactMap(\.steps)
    report.add(
      "\(counts.reduce(0) { $0 + $1.executed }) steps executed, "
        + "\(counts.reduce(0) { $0 + $1.skipped }) left out\n")
    let code = try report.finish()
    let partial = report.rows.filter { $0.verdict == .pass && $0.reason != nil }
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
