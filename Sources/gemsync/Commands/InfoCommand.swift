// SPDX-License-Identifier: MIT

import ArgumentParser
import Devices
import Reports

/// The subcommand `gemsync info`.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Show the driver, version, coherency and features of devices.",
    discussion: """
      Examples:
        gemsync info
        gemsync info --device mock:panthor,minor=6
        gemsync info --device all --format json
      """
  )

  @OptionGroup var devices: DeviceOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let file = try output.destination()
    let reports = try devices.resolve().flatMap(\.devices).map { try DeviceReport($0) }
    switch output.format {
    case .human: try output.write(reports.map { $0.text() }.joined(separator: "\n"), to: file)
    case .json: try output.write(DeviceReportList(devices: reports).json(), to: file)
    }
  }
}
