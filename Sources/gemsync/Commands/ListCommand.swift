// SPDX-License-Identifier: MIT

import DRMDrivers
import DRMKernel
import DRM
import ArgumentParser
import Devices
import Reports

/// The subcommand `gemsync list`.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the DRM nodes of this machine.",
    discussion: """
      Exit codes: 0 a device of a supported driver is listed, 1 there is none.

      Example:
        gemsync list
      """
  )

  func run() throws {
    let survey = DeviceResolver().survey()
    for device in survey.devices {
      let text = device.description
      let line =
        "\(device.path)  \(text.driver) \(text.version)  \(text.coherencyText)"
        + "  \(text.compatible.first ?? "")"
      Terminal.say(line.printable + "\n")
    }
    for ignored in survey.ignored {
      Terminal.say("\(ignored.path)  ignored: \(ignored.reason)".printable + "\n")
    }
    guard survey.devices.isEmpty else { return }
    if survey.ignored.isEmpty { Terminal.complain("there is no DRM render node here") }
    throw ExitCode(1)
  }
}
