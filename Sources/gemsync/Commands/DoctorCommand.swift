// SPDX-License-Identifier: MIT

import ArgumentParser
import CDRM
import Devices
import Glibc
import Reports

/// The subcommand `gemsync doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Explain why a GPU can or cannot be used, and what to try next.",
    discussion: """
      Exit codes: 0 a Mali GPU is usable, 1 there is one that is not usable, 77 there is none.

      Examples:
        gemsync doctor
        gemsync doctor --wait 5 --format json
        gemsync doctor --collect machine.txt
        gemsync doctor --root machine.txt
      """
  )

  @OptionGroup var machine: MachineOptions
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "Wait until a Mali GPU is usable, at most this long.", valueName: "seconds"))
  var wait = 0

  @Option(
    help: ArgumentHelp(
      "Save what was read of the machine: names and texts, no serial numbers and no addresses of memory.",
      valueName: "file"))
  var collect: String?

  func validate() throws {
    guard 0...86_400 ~= wait else {
      throw ValidationError("--wait \(wait): give 0 to 86400 seconds")
    }
    guard wait == 0 || !machine.isCollection else {
      throw ValidationError("--wait: what is in \(machine.root ?? "a file") does not change")
    }
  }

  func run() throws {
    let file = try output.destination(inputs: machine.inputs)
    let collection = try collect.map { try OutputFile($0, inputs: machine.inputs) }
    try output.checkStandardOutput("--collect", is: collection)
    if let collect, let collection, let file, collection.isSameFile(as: file) {
      throw ReportError(description: "\(collect): --output and --collect name one file")
    }
    let found = try waited()
    try collection?.write(found.record.collection)
    let report = MachineReport(found)
    switch output.format {
    case .human: try output.write(report.paragraphs, to: file)
    case .json: try output.write(report.json(), to: file)
    }
    throw Interruption.isPending
      ? Interruption.end("while it waited for a usable Mali GPU") : ExitCode(report.exitCode)
  }

  /// Reads the machine until a Mali GPU is usable, the time is over, or a signal comes.
  private func waited() throws -> Machine {
    let deadline = cdrm_monotonic_nanoseconds() + Int64(wait) * 1_000_000_000
    if wait > 0 { Interruption.begin() }
    while true {
      let found = try machine.machine()
      if case .node = found.choice { return found }
      guard wait > 0, cdrm_monotonic_nanoseconds() < deadline else { return found }
      let seconds = (deadline - cdrm_monotonic_nanoseconds()) / 1_000_000_000
      Terminal.showProgress("waiting for a usable Mali GPU, \(seconds) s left")
      // A signal ends the pause.
      usleep(250_000)
      Terminal.showProgress("")
      if Interruption.isPending { return found }
    }
  }
}
