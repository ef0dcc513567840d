// SPDX-License-Identifier: MIT

import ArgumentParser
import CallTrace
import Devices
import Reports
import TraceSessions

/// The subcommand `gemsync record`.
struct RecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Run a command and write every call it makes to the kernel to a trace.",
    discussion: """
      The exit code is that of the command. A trace does not depend on the descriptors and addresses
      of the run, so that 'gemsync replay' can make the same calls elsewhere.

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
    name: .customLong("no-times"), help: "Leave out times, so that two runs write the same file.")
  var hasNoTimes = false

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("The command to run: check, fuzz or run.", valueName: "command")
  )
  var command: [String] = []

  func run() throws {
    guard let name = command.first else {
      throw ValidationError("record needs a command after '--', such as '-- check --device all'")
    }
    let inner = try Self.command(name, Array(command.dropFirst()))
    let file = try OutputFile(output, inputs: inner.inputs)
    if let path = inner.outputPath, try OutputFile(path).isSameFile(as: file) {
      throw ReportError(description: "\(path): is the output of record too")
    }
    let recording = Recording(
      by: GEMSync.tool, of: command, at: hasNoTimes ? nil : TimeOfDay.now)
    var code = ExitCode.success
    do {
      try inner.run { try recording.attach(to: $0) }
    } catch let ended as ExitCode {
      code = ended
    }
    guard let trace = recording.trace else {
      throw ReportError(
        description: "\(output): no call was made, so no trace is written", exitCode: 1)
    }
    try file.write(trace.text())
    throw code
  }

  /// Parses the command to run.
  private static func command(
    _ name: String, _ arguments: [String]
  ) throws -> any RecordableCommand {
    switch name {
    case CheckCommand.configuration.commandName: try parse(CheckCommand.self, name, arguments)
    case FuzzCommand.configuration.commandName: try parse(FuzzCommand.self, name, arguments)
    case RunCommand.configuration.commandName: try parse(RunCommand.self, name, arguments)
    default: throw ValidationError("record does not run '\(name)'; it runs: check, fuzz, run")
    }
  }

  private static func parse<Command: RecordableCommand>(
    _ type: Command.Type, _ name: String, _ arguments: [String]
  ) throws -> any RecordableCommand {
    do {
      return try Command.parse(arguments)
    } catch {
      guard Command.exitCode(for: error) == .validationFailure else { throw error }
      throw UsageError(Command.message(for: error), of: name)
    }
  }
}

/// A command whose calls to the kernel can be recorded.
protocol RecordableCommand: ParsableCommand {
  /// The files that the command reads.
  var inputs: [String] { get }
  /// The file that the command writes; nil for stdout.
  var outputPath: String? { get }

  /// Runs with interposed kernels that record the calls.
  func run(through tap: ([Selection]) throws -> [Selection]) throws
}

extension CheckCommand: RecordableCommand {
  var inputs: [String] { [] }
  var outputPath: String? { output.output }
}

extension FuzzCommand: RecordableCommand {
  var inputs: [String] { [] }
  var outputPath: String? { output }
}

extension RunCommand: RecordableCommand {
  var outputPath: String? { output.output }
}

extension GEMSync {
  /// The program and its version, as traces name them.
  static var tool: String { "gemsync \(configuration.version)" }
}

/// The calls of `--trace`, printed with their results.
enum LiveTrace {
  /// Returns the devices with printing interposed before their kernels.
  static func attach(to selections: [Selection]) -> [Selection] {
    selections.recorded { Terminal.note("\($0)") }
  }
}
