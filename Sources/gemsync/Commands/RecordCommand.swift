// SPDX-License-Identifier: MIT

import ArgumentParser
import CallTrace
import DRMKernel
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
      of the run, so that 'gemsync replay' can make the same calls elsewhere. Each call is in the
      file before it is made: where a call ends the process or the kernel, the trace ends in it.

      Examples:
        gemsync record -o board.jsonl -- check --device all
        gemsync record -o calls.jsonl -- fuzz --device mock:panthor --ops 1000
        gemsync record -o scripts.jsonl -- run scripts/ --device driver:panfrost
        gemsync record --no-times -o mock.jsonl -- check panthor.bo_sync --device mock:panthor
        gemsync record --sync -o crash.jsonl -- bringup --device driver:panthor --allow-jobs
      """
  )

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "The trace to write; '-' is stdout, for a command whose results have a file.",
      valueName: "file"))
  var output: String

  @Flag(
    name: .customLong("no-times"), help: "Leave out times, so that two runs write the same file.")
  var hasNoTimes = false

  @Flag(help: "Write each call to the disk before it is made, so that it outlasts the kernel.")
  var sync = false

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("The command to run: bringup, check, fuzz or run.", valueName: "command")
  )
  var command: [String] = []

  func run() throws {
    guard let name = command.first else {
      throw ValidationError("record needs a command after '--', such as '-- check --device all'")
    }
    let inner = try Self.command(name, Array(command.dropFirst()))
    let file = try OutputFile(output, inputs: inner.inputs)
    guard !file.isStandardOutput || !inner.printsResults else {
      throw ReportError(
        description:
          "--output -: the results of \(name) are on stdout too, so the trace needs a file")
    }
    if let path = inner.outputPath, path != "-", try OutputFile(path).isSameFile(as: file) {
      throw ReportError(description: "\(path): is the output of record too")
    }
    let trace = try usingTrace(file, exitCode: 2) { () throws(Errno) in
      try TraceFile(output, isSynced: sync)
    }
    // The new file may be in a directory of scripts that the command is about to read.
    _ = try OutputFile(output, inputs: inner.inputs)
    let recording = Recording(
      by: GEMSync.tool, of: command, at: hasNoTimes ? nil : TimeOfDay.now, to: trace)
    var code = ExitCode.success
    do {
      try inner.run { try recording.attach(to: $0) }
    } catch let ended as ExitCode {
      code = ended
    }
    let count = try usingTrace(file, exitCode: 1) { () throws(Errno) in try recording.end() }
    guard count > 0 else {
      // The command has said itself why it failed.
      guard code == .success else { throw code }
      throw ReportError(
        description: "\(file.name): no call was made, so no trace is written", exitCode: 1)
    }
    throw code
  }

  /// Uses the trace's file.
  private func usingTrace<Value>(
    _ file: OutputFile, exitCode: Int32, _ body: () throws(Errno) -> Value
  ) throws(ReportError) -> Value {
    do throws(Errno) {
      return try body()
    } catch {
      throw ReportError(description: "\(file.name): \(error.sentence)", exitCode: exitCode)
    }
  }

  /// Parses the command to run.
  private static func command(
    _ name: String, _ arguments: [String]
  ) throws -> any RecordableCommand {
    switch name {
    case BringUpCommand.configuration.commandName:
      try parse(BringUpCommand.self, name, arguments)
    case CheckCommand.configuration.commandName: try parse(CheckCommand.self, name, arguments)
    case FuzzCommand.configuration.commandName: try parse(FuzzCommand.self, name, arguments)
    case RunCommand.configuration.commandName: try parse(RunCommand.self, name, arguments)
    default:
      throw ValidationError("record does not run '\(name)'; it runs: bringup, check, fuzz, run")
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
  /// Whether the command writes to stdout.
  var printsResults: Bool { get }

  /// Runs with interposed kernels that record the calls.
  func run(through tap: ([Selection]) throws -> [Selection]) throws
}

extension BringUpCommand: RecordableCommand {
  var inputs: [String] { ScriptFiles.paths(in: scripts) }
  var outputPath: String? { output.output }
  var printsResults: Bool { output.isStandardOutput }
}

extension CheckCommand: RecordableCommand {
  var inputs: [String] { selection.inputs + folder.inputs }
  var outputPath: String? { output.output }
  var printsResults: Bool { output.isStandardOutput }
}

extension FuzzCommand: RecordableCommand {
  var inputs: [String] { [] }
  var outputPath: String? { output }
  var printsResults: Bool { true }
}

extension RunCommand: RecordableCommand {
  var outputPath: String? { output.output }
  var printsResults: Bool { output.isStandardOutput }
}

extension GEMSync {
  /// The program and its version, as traces name them.
  static var tool: String { "gemsync \(configuration.version)" }
}

/// The calls of `--trace`: each is printed before it is made, and its result after.
enum LiveTrace {
  /// Returns the devices with printing interposed before their kernels.
  static func attach(to selections: [Selection]) -> [Selection] {
    // The call whose line has no result yet: the index of its kernel and its number.
    let open = Guarded<OpenCall?>(nil)
    return selections.enumerated().map { index, selection in
      selection.recorded { event in
        open.withLock { $0 = show(event, of: index, after: $0) }
      }
    }
  }

  private struct OpenCall: Equatable {
    let kernel: Int
    let number: Int
  }

  /// Shows an event as strace does, and returns the call whose line is open then.
  private static func show(
    _ event: CallEvent, of kernel: Int, after open: OpenCall?
  ) -> OpenCall? {
    switch event {
    case .began(let number, let call, _):
      if open != nil { Terminal.trace(" <unfinished ...>\n") }
      Terminal.trace(call.description)
      return OpenCall(kernel: kernel, number: number)
    case .ended(let number, let recorded):
      let isOpen = open == OpenCall(kernel: kernel, number: number)
      if open != nil, !isOpen { Terminal.trace(" <unfinished ...>\n") }
      let start = isOpen ? "" : "<... \(recorded.call.name) resumed>"
      Terminal.trace("\(start) = \(recorded.outcomeText)\n")
      return nil
    }
  }
}
