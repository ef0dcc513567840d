// SPDX-License-Identifier: MIT

import ArgumentParser
import BringUp
import DRM
import DRMDrivers
import DRMKernel
import Devices
import Litmus
import LitmusRunner
import Reports

/// The subcommand `gemsync bringup`.
struct BringUpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bringup",
    abstract:
      "Find out which syncs a board or kernel needs, and whether its coherency claim holds.",
    discussion: """
      For each device: try every access path of the client on every kind of memory,
      with all syncs, without each one and without any, by real jobs that need no
      shader; run scripts and compare each result with the explorer's; print the
      conclusions.

      Exit codes: 0 all sound, 1 bytes were stale with all syncs, a proved script
      failed or the coherency claim is refuted, 2 usage, 77 nothing could be tried.
      A real device needs --allow-jobs.

      Bytes that are stale once show that a sync is needed. Bytes that are never stale
      show nothing for certain: the result is then an upper bound at 95 % confidence.
      On a board, other cores and other memory provoke evictions between the trials.

      Examples:
        gemsync bringup --device mock:rk3588
        gemsync bringup --device mock:panthor --trials 10
        gemsync bringup Tests/Litmus --device all --allow-jobs
        gemsync bringup --device driver:panthor --allow-jobs --format json --output board.json
      """
  )

  @Argument(help: "Run these scripts too: files, '-' for stdin, or directories of *.yaml files.")
  var scripts: [String] = []

  @OptionGroup var devices: DeviceOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var jobs: JobOptions

  @Option(help: "Try each access so many times; default: 100 on a real kernel, 10 on a mock.")
  var trials: Int?

  @Flag(name: .shortAndLong, help: "List passed results too.")
  var verbose = false

  func validate() throws {
    guard let trials, !(1...100_000).contains(trials) else { return }
    throw ValidationError("--trials \(trials): not a number from 1 to 100000")
  }

  func run() throws {
    try run { $0 }
  }

  /// Runs with interposed kernels that record the calls.
  func run(through tap: ([Selection]) throws -> [Selection]) throws {
    let files = try ScriptFiles(scripts)
    try files.requireScript()
    let file = try output.destination(inputs: files.paths)
    let selections = try tap(try devices.resolve())
    Interruption.begin()
    if files.paths.isEmpty { Terminal.complain("no scripts are given: only accesses are tried") }
    var report = ReportStream(
      of: "accesses and scripts", on: selections, output, to: file, isVerbose: verbose)
    for device in selections.flatMap(\.devices) {
      let session = BringUpSession(
        on: device, jobs: jobs.rule.execution(on: device),
        trials: trials ?? (device.description.location == .mock ? 10 : 100),
        isInterrupted: { Interruption.isPending })
      report.start(device, count: session.stepCount(files.scripts))
      guard !Interruption.isPending else { continue }
      var begun = 0
      let verdict = session.run(
        files.scripts,
        progress: { step in
          begun += 1
          report.begin(step)
        },
        report: { result, statement in
          report.add(ResultRow(result.naming(device), on: device.description), statement: statement)
        })
      report.addSkipped()
      report.add(verdict.map { "  \($0.printable)\n" }.joined())
      if Interruption.isPending, begun > 0 { report.abandon() }
    }
    throw files.exitCode(try report.finish())
  }
}
