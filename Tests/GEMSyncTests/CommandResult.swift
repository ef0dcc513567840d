// SPDX-License-Identifier: MIT

import Foundation

/// The output of a program of this package, and its exit code.
struct CommandResult {
  let code: Int32
  let output: String
  let errors: String

  /// Runs a program that was built beside this test.
  init(running name: String, _ arguments: [String]) throws {
    try self.init(executing: try Self.program(name), arguments)
  }

  /// Returns the place of a program that was built beside this test.
  static func program(_ name: String) throws -> URL { try directory().appending(path: name) }

  /// Runs a line of the shell in a directory, with the programs of this package in `PATH`.
  init(shell line: String, in directory: String) throws {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    try self.init(
      executing: URL(filePath: "/bin/sh"), ["-c", line], in: directory,
      environment: ["PATH": "\(try Self.directory().path):\(path)"])
  }

  private init(
    executing program: URL, _ arguments: [String], in directory: String? = nil,
    environment: [String: String] = [:]
  ) throws {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    if let directory { process.currentDirectoryURL = URL(filePath: directory) }
    // ArgumentParser leaks the context of an error when it exits; this package does not.
    process.environment = ProcessInfo.processInfo.environment
      .merging(["ASAN_OPTIONS": "detect_leaks=0"]) { $1 }.merging(environment) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Read one after the other: at most one of them is longer than the buffer of a pipe.
    self.output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    self.errors = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    code = process.terminationStatus
  }

  /// The directory of the programs that were built beside this test.
  static func directory() throws -> URL {
    let test = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: test).deletingLastPathComponent()
  }
}

/// Runs `gemsync`.
func gemsync(_ arguments: String...) throws -> CommandResult {
  try gemsync(arguments)
}

/// Runs `gemsync`.
func gemsync(_ arguments: [String]) throws -> CommandResult {
  try CommandResult(running: "gemsync", arguments)
}

/// Creates a directory for a test, and removes it at the end.
func inDirectory(_ body: (String) throws -> Void) throws {
  let directory = NSTemporaryDirectory() + "gemsync-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: directory) }
  try body(directory)
}

/// Scripts that several tests run.
enum ExampleScript {
  static let flush = """
    version: 1
    about: A CPU write that a device reads is flushed.
    steps:
    - create: {bo: a, size: 4K, flags: [wb_mmap]}
    - write: {bo: a, size: 4, as: w1}
    - sync: {bo: a, size: 4, op: flush}
    - submit: {job: j, do: [{read: {bo: a, size: 4, sees: w1}}]}
    - wait: {job: j}
    """
}
