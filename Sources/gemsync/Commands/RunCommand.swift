// SPDX-License-Identifier: MIT

import DRMDrivers
import DRM
import ArgumentParser
import CDRM
import DRMConformance
import Devices
import Reports
import LitmusRunner
import Litmus

/// The subcommand `gemsync run`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs scripts on devices: real calls, and every read judged.",
    discussion: """
      A mock models caches that are not coherent and runs jobs as late as it can. Real devices get jobs with
      --allow-jobs only: they read and write what the script says, but a stale job descriptor or command stream
      is for the GPU to make sense of. Jobs that a driver cannot express are skipped with the reason, and what
      they would have written is not judged.

      Examples:
        gemsync run flush.yaml
        gemsync run --schema > script.schema.json
        gemsync run scripts/ --device all --format json --output board.json
        gemsync run scripts/ --device mock:panthor,heap --device mock:panfrost --repeat 10 --shuffle 7
        gemsync run flush.yaml --device mock:panthor,policy=series-v4,minor=6 --dialect series-v4
        gemsync run scripts/ --device all --allow-jobs
      """
  )

  @Argument(help: "Scripts, or directories of them (*.yaml).")
  var scripts: [String] = []

  @Flag(help: "Print the JSON Schema of scripts, and run nothing.")
  var schema = false

  @OptionGroup var devices: DeviceOptions
  @OptionGroup var output: OutputOptions

  @Option(name: .customLong("repeat"), help: "How many times to run all of them.")
  var rounds = 1

  @Option(
    help: ArgumentHelp(
      "Run them in another order each time, which follows from a seed.", valueName: "seed"))
  var shuffle: UInt64?

  @Option(
    help: ArgumentHelp(
      "How the kernel reads sync operations, merged or series-v4: it cannot be asked."))
  var dialect = DialectOption.merged

  @Option(
    help: ArgumentHelp(
      "Let devices and caches of a mock do what a schedule says, as 'gemsync explore' writes it; with one script "
        + "only, and a mock that does nothing else: evict=never,fill=never.", valueName: "file"))
  var schedule: String?

  @OptionGroup var jobs: JobOptions

  @Flag(help: "List passed scripts too, and what each step was answered.")
  var verbose = false

  @Flag(help: "Show every call to the kernel as it is answered, on stderr.")
  var trace = false

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--repeat is at least 1") }
    guard schema || !scripts.isEmpty else {
      throw ValidationError("run needs scripts, or directories of them")
    }
  }

  func run() throws {
    try run { $0 }
  }

  /// Runs with someone standing before the devices' kernels.
  func run(through tap: ([Selection]) throws -> [Selection]) throws {
    guard !schema else {
      return try output.write(ScriptSchema.text, to: try output.destination())
    }
    let scripts = try ScriptFiles.read(scripts)
    let schedule = try schedule.map { path in
      guard scripts.count == 1 else {
        throw ReportError(
          description: "\(path): a schedule is for one script, not \(scripts.count)")
      }
      return try ScheduleFile(contentsOf: path).schedule(for: scripts[0], in: path)
    }
    let file = try output.destination()
    var selections = try tap(try devices.resolve())
    if trace { selections = LiveTrace.attach(to: selections) }
    cdrm_catch_interrupts()
    let rows = try runAll(scripts, schedule, on: selections, to: file)
    throw ExitCode(rows.exitCode)
  }

  private func runAll(
    _ scripts: [Script], _ schedule: Schedule?, on selections: [Selection], to file: OutputFile?
  ) throws -> [ResultRow] {
    var stream = ResultStream(output, to: file)
    let human = HumanReport(isColoured: stream.isColoured, isVerbose: verbose)
    var rows: [ResultRow] = []
    for device in selections.flatMap(\.devices) {
      stream.tell(human.heading(device.description))
      // A schedule says when each access of a job runs, which only a model can be told.
      let runner = ScriptRunner(
        ScriptMachine(
          device, jobs: schedule == nil ? jobs.execution(on: device) : .modelled,
          abi: dialect.abi))
      var order = ScriptOrder(scripts, seed: shuffle)
      for round in 1...rounds {
        for (position, script) in order.next().enumerated() {
          Terminal.showProgress(
            "\(device.description.label) \(round)/\(rounds) \(position + 1) \(script.path)")
          let run = ScriptRun(script, schedule, by: runner)
          Terminal.showProgress("")
          if trace { Terminal.note("# \(device.description.label) \(run.result.id)") }
          stream.tell(human.lines(run.summary, statement: script.about))
          if verbose { stream.tell(run.steps) }
          rows.append(ResultRow(run.result, on: device.description, steps: run.counts))
        }
      }
    }
    let counts = rows.compactMap(\.steps)
    stream.tell(
      "\(counts.reduce(0) { $0 + $1.executed }) steps executed, "
        + "\(counts.reduce(0) { $0 + $1.skipped }) left out\n" + human.summary(rows))
    try stream.finish(json: Report(on: selections, results: rows).json())
    let partial = rows.first { $0.verdict == .pass && $0.reason != nil }
    if let reason = partial?.reason {
      let count = rows.count { $0.verdict == .pass && $0.reason != nil }
      Terminal.complain("\(count) of \(rows.count) runs left steps out, such as \(reason)")
    }
    return rows
  }
}
