// SPDX-License-Identifier: MIT

internal import Foundation

/// Starts children that read inputs, again after each crash, and reports the inputs that failed.
struct Supervisor {
  let kind: ReaderKind
  let mutator: Mutator
  let seed: UInt64
  let keep: String

  /// Reads inputs in children, and returns how many failed.
  func runChildren(_ numbers: Range<Int>, _ options: [String]) throws -> Int {
    var next = numbers.lowerBound
    var failures = 0
    while next < numbers.upperBound {
      let process = Process()
      process.executableURL = URL(
        filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      process.arguments =
        ["--child", "--kind", kind.rawValue, "--first", "\(next)"]
        + ["--count", "\(numbers.upperBound - next)"] + options
      let ended = try run(process)
      let lines = ended.output.split(separator: "\n")
      guard ended.signal != 0 || ended.code != 0 || lines.last != "end" else { return failures }
      failures += 1
      guard let number = lines.last.flatMap({ Int($0) }) else {
        throw Failure(description: "the child ended before the first input: \(ended.errors)")
      }
      let what =
        ended.signal == SIGALRM
        ? "hangs" : "ends by signal \(ended.signal), exit code \(ended.code)"
      try report(number, "\(what)\n\(ended.errors.prefix(2000))")
      next = number + 1
    }
    return failures
  }

  /// Gives inputs to a command as files, and returns for how many it did not answer as it must.
  func runCommands(_ command: String, _ numbers: Range<Int>, limit: Int) throws -> Int {
    let folder = NSTemporaryDirectory() + "read-fuzz-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let script = folder + "/s.yaml"
    try Data(SeedFiles.scheduledText.utf8).write(to: URL(filePath: script))
    var failures = 0
    for number in numbers {
      let text = mutator.text(seed: seed, number: number)
      let path = "\(folder)/input"
      try Data(text).write(to: URL(filePath: path))
      for arguments in kind.commands(text, at: path, beside: script) {
        let process = Process()
        // Only the time that the command itself takes counts: other work may slow everything.
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments =
          ["-c", "ulimit -t \(limit); exec \"$@\"", "sh", command] + arguments
        guard let fault = judgement(of: try run(process)) else { continue }
        failures += 1
        try report(number, "\(arguments.joined(separator: " ")): \(fault)")
      }
    }
    return failures
  }

  /// What is wrong with the answer of a command; nil where nothing is.
  private func judgement(of ended: Ended) -> String? {
    if ended.signal != 0 { return "ends by signal \(ended.signal)\n\(ended.errors)" }
    guard [0, 1, 2, 3, 77].contains(ended.code) else { return "exit code \(ended.code)" }
    let errors = ended.errors.split(separator: "\n")
    guard ended.code != 2 || (errors.count == 1 && !ended.errors.isEmpty) else {
      return "exit code 2 with \(errors.count) lines on stderr\n\(ended.errors)"
    }
    guard errors.allSatisfy({ $0.hasPrefix("gemsync: ") }) else { return "stderr: \(ended.errors)" }
    let hidden = (ended.output + ended.errors).unicodeScalars.first {
      $0 != "\n" && [.control, .format].contains($0.properties.generalCategory)
    }
    return hidden.map { "prints U+\(String($0.value, radix: 16))" }
  }

  private struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// How a process ended.
  private struct Ended {
    let code: Int32
    /// 0 where no signal ended it.
    let signal: Int32
    let output: String
    let errors: String
  }

  private func run(_ process: Process) throws -> Ended {
    let output = Pipe()
    // A file, and not a second pipe, which would have to be read at the same time.
    let errors = NSTemporaryDirectory() + "read-fuzz-\(UUID().uuidString)"
    try Data().write(to: URL(filePath: errors))
    defer { try? FileManager.default.removeItem(atPath: errors) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let isSignal = process.terminationReason == .uncaughtSignal
    return Ended(
      code: isSignal ? 0 : process.terminationStatus,
      signal: isSignal ? process.terminationStatus : 0,
      output: String(decoding: text, as: UTF8.self),
      errors: (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "")
  }

  /// Keeps an input that failed, and says how to read it again.
  private func report(_ number: Int, _ what: String) throws {
    let path = "\(keep)/read-fuzz-\(kind.rawValue)-\(seed)-\(number)"
    try Data(mutator.text(seed: seed, number: number)).write(to: URL(filePath: path))
    print("FAIL \(path): \(what)")
  }
}
