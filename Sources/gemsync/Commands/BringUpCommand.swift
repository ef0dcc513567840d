// SPDX-License-Identifier: MIT

import DRMDrivers
import ArgumentParser
import BringUp
import CDRM
import Devices
import DRM
import LitmusExplorer
import Reports
import LitmusRunner
import Litmus

/// The subcommand `gemsync bringup`.
struct BringUpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bringup",
    abstract:
      "Finds out on a new board or kernel which syncs it needs, and whether its coherency is true.",
    discussion: """
      Tells who the device is; tries every way the client has to access memory beside it, with all syncs, without
      each one and without any, by real jobs that need no shader; runs scripts and compares each with what the
      explorer proves of it; and closes with a verdict in words.

      Exit codes: 0 all sound, 1 something was stale that must not be, or the coherency is not true, 2 usage, 77
      nothing could be tried. A real device needs --allow-jobs.

      Examples:
        gemsync bringup --device mock:rk3588
        gemsync bringup Tests/Litmus --device all --allow-jobs
        gemsync bringup --device driver:panthor --allow-jobs --format json --output board.json
      """
  )

  @Argument(help: "Scripts to run too, or directories of them (*.yaml).")
  var scripts: [String] = []

  @OptionGroup var devices: DeviceOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var jobs: JobOptions

  @Flag(help: "List what went as it should too.")
  var verbose = false

  func run() throws {
    let scripts = try scripts.isEmpty ? [] : ScriptFiles.read(scripts)
    let file = try output.destination()
    let selections = try devices.resolve()
    cdrm_catch_interrupts()
    var stream = ResultStream(output, to: file)
    let human = HumanReport(isColoured: stream.isColoured, isVerbose: verbose)
    if scripts.isEmpty { Terminal.complain("no scripts are given: accesses alone are tried") }
    var rows: [ResultRow] = []
    for device in selections.flatMap(\.devices) {
      stream.tell(human.heading(device.description))
      let session = BringUpSession(device, jobs.execution(on: device))
      let results = session.run(scripts) { result, statement in
        stream.tell(human.lines(result, statement: statement))
      }
      Terminal.showProgress("")
      stream.tell(results.verdict.map { "  \($0)\n" }.joined())
      rows += results.rows.map { ResultRow($0, on: device.description) }
    }
    stream.tell(human.summary(rows))
    try stream.finish(json: Report(on: selections, results: rows).json())
    throw ExitCode(rows.exitCode)
  }
}
