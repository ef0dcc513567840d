// SPDX-License-Identifier: MIT

import ArgumentParser
import Devices
import Reports
import CallTrace

/// The subcommand `gemsync record`.
struct RecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Runs a command and writes down every call it makes to the kernel.",
    discussion: """
      The exit code is the command's. What a trace holds does not depend on descriptors and addresses
      of the run, so 'gemsync replay' can make the same calls elsewhere.

      Examples:
        gemsync record -o board.jsonl -- check --device all
        gemsync record -o calls.jsonl -- fuzz --device mock:panthor --ops 1000
        gemsync record -o scripts.jsonl -- run scripts/ --device driver:panfrost
        gemsync record --no-times -o mock.jsonl -- check panthor.bo_sync --device mock:panthor
      """
  )

  @Option(
    name: [.short, .long], help: ArgumentHelp("The trace to write.", valueName: "file"))
  var output: String

  @Flag(
    name: .customLong("no-times"), help: "Leave out times, so that two runs give the same file.")
  var hasNoTimes = false

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("The command to run: check, fuzz or run.", valueName: "command")
  )
  var command: [String] = []

  /// Puts someone before the kernels of devices.
  private typealias Tap = ([Selection]) throws -> [Selection]

  func run() throws {
    guard let name = command.first else {
      throw ValidationError("record needs a command after '--', such as '-- check --device all'")
    }
    let arguments = Array(command.dropFirst())
    let inner: (Tap) throws -> Void
    switch name {
    case CheckCommand.configuration.commandName:
      inner = try CheckCommand.parse(arguments).run(through:)
    case FuzzCommand.configuration.commandName:
      inner = try FuzzCommand.parse(arguments).run(through:)
    case RunCommand.configuration.commandName:
      inner = try RunCommand.parse(arguments).run(through:)
    default: throw ValidationError("record does not run '\(name)'; it runs: check, fuzz, run")
    }
    let file = try OutputFile(output)
    let recording = Recording(of: command, hasTimes: !hasNoTimes)
    var code = ExitCode.success
    do {
      try inner { try recording.attach(to: $0) }
    } catch let ended as ExitCode {
      code = ended
    }
    guard let trace = recording.trace else {
      throw ReportError(
        description: "\(output): no call was made, so there is nothing to write", exitCode: 1)
    }
    try file.write(trace.text())
    throw code
  }
}
