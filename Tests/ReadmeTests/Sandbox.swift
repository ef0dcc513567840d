// SPDX-License-Identifier: MIT

import Foundation

/// A temporary directory in which the commands of one document run: `gemsync` and `Scripts/gemsync` are the
/// program that was built beside this test, and `Tests` is the folder of the package.
struct Sandbox: ~Copyable {
  /// What a command printed to stdout and stderr, and how it ended.
  struct Result {
    let code: Int32
    let output: String

    var lines: [String] {
      var lines = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      while lines.last?.isEmpty == true { lines.removeLast() }
      return lines
    }
  }

  let directory: URL

  init() throws {
    let files = FileManager.default
    directory = files.temporaryDirectory.appending(path: "gemsync-\(UUID().uuidString)")
    let scripts = directory.appending(path: "Scripts")
    try files.createDirectory(at: scripts, withIntermediateDirectories: true)
    let test = try files.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let products = URL(filePath: test).deletingLastPathComponent()
    try files.createSymbolicLink(
      at: directory.appending(path: "gemsync"),
      withDestinationURL: products.appending(path: "gemsync"))
    try files.createSymbolicLink(
      at: scripts.appending(path: "gemsync"),
      withDestinationURL: products.appending(path: "gemsync"))
    try files.createSymbolicLink(
      at: directory.appending(path: "Tests"),
      withDestinationURL: Document.top.appending(path: "Tests"))
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  /// Writes a file, such as a script that a document shows.
  func write(_ lines: [String], to name: String) throws {
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: directory.appending(path: name))
  }

  /// Runs a line of shell.
  func run(_ line: String) throws -> Result {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", line]
    process.currentDirectoryURL = directory
    let environment = ProcessInfo.processInfo.environment
    // Sanitizers are for what the tests themselves run.
    process.environment = environment.merging([
      "PATH": "\(directory.path):\(environment["PATH"] ?? "/usr/bin:/bin")",
      "ASAN_OPTIONS": "detect_leaks=0",
    ]) { $1 }
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Result(code: process.terminationStatus, output: text)
  }

  /// Whether this machine has a DRM node, so that a command without `--device` may run on it.
  static let hasNodes =
    (try? FileManager.default.contentsOfDirectory(atPath: "/dev/dri"))?.isEmpty == false
}
