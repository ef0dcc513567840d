// SPDX-License-Identifier: MIT

import Foundation

/// What a program of this package printed, and how it ended.
struct CommandResult {
  let code: Int32
  let output: String
  let errors: String

  /// Runs a program that was built beside this test.
  init(running name: String, _ arguments: [String]) throws {
    let test = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let process = Process()
    process.executableURL = URL(filePath: test).deletingLastPathComponent().appending(path: name)
    process.arguments = arguments
    // ArgumentParser leaves an error's context behind on its way out, which is none of our leaks.
    process.environment = ProcessInfo.processInfo.environment
      .merging(["ASAN_OPTIONS": "detect_leaks=0"]) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Both are short but for one result, which is read first.
    self.output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    self.errors = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    code = process.terminationStatus
  }
}
