// SPDX-License-Identifier: MIT

import ArgumentParser
import Devices
import Reports

/// The subcommand `gemsync list`.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the GPUs and dma-buf exporters of a machine with their states.",
    discussion: """
      Exit codes: 0 a usable device of a supported driver is listed, 1 there is none.

      Examples:
        gemsync list
        gemsync list --format json
        gemsync list --mocks
      """
  )

  @Flag(help: "List the mocks instead.")
  var mocks = false

  @OptionGroup var machine: MachineOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let file = try output.destination(inputs: machine.inputs)
    let report =
      try mocks
      ? MachineReport(mocks: DeviceResolver().mocks()) : MachineReport(machine.machine())
    switch output.format {
    case .human: try output.write(report.list, to: file)
    case .json: try output.write(report.json(), to: file)
    }
    if report.devices.isEmpty { Terminal.complain("there is no GPU and no dma-buf exporter here") }
    guard report.hasUsableDevice else { throw ExitCode(1) }
  }
}
