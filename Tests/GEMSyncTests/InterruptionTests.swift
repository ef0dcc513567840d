// SPDX-License-Identifier: MIT

import Foundation
import Reports
import Testing

/// Every command that is interrupted while it is under way, by a real signal.
@Suite(.serialized) struct InterruptionTests {
  /// A command that would run for minutes, and what it says about the work that it did.
  struct Case: CustomStringConvertible, Sendable {
    let arguments: [String]
    let noun: String
    /// Whether the report has `results` and `not_run`.
    var isReport = false

    var description: String { arguments.prefix(6).joined(separator: " ") }
  }

  private static let devices = (0..<150).flatMap { _ in ["--device", "mock:panthor"] }
  private static let json = ["--format", "json", "--output", "OUT"]

  private static let cases = [
    Case(arguments: ["check"] + devices + json, noun: "checks", isReport: true),
    Case(
      arguments: ["run", "flush.yaml", "--device", "mock:panthor", "--repeat", "1000000"] + json,
      noun: "runs", isReport: true),
    Case(arguments: ["bringup"] + devices + json, noun: "accesses and scripts", isReport: true),
    Case(arguments: ["fuzz", "--device", "mock:panthor", "--ops", "90000000"], noun: "calls"),
    Case(
      arguments: ["fuzz", "--device", "mock:panfrost", "--ops", "90000000", "--jobs", "3"],
      noun: "calls"),
    Case(
      arguments: [
        "fuzz", "--device", "mock:panthor", "--against", "mock:panthor", "--ops", "90000000",
      ], noun: "calls"),
    Case(
      arguments: [
        "record", "-o", "t.jsonl", "--", "run", "flush.yaml", "--device", "mock:panthor",
        "--repeat", "1000000", "--format", "json", "--output", "OUT",
      ], noun: "runs", isReport: true),
    Case(
      arguments: [
        "record", "-o", "t.jsonl", "--", "fuzz", "--device", "mock:panthor", "--ops", "90000000",
      ], noun: "calls"),
  ]

  @Test(arguments: cases, [SIGINT, SIGTERM])
  func resultsSoFarAreKept(_ test: Case, _ signal: CInt) throws {
    try inDirectory { directory in
      try writeScripts(in: directory)
      let file = directory + "/out.json"
      let process = try Running(
        test.arguments.map { $0 == "OUT" ? file : $0 }, in: directory)
      try process.waitForWork(seconds: 1)
      process.send(signal)
      let (code, errors) = process.end()
      #expect(code == 128 + signal, "\(errors)")
      let lines = errors.split(separator: "\n").filter { !$0.contains("no scripts are given") }
      #expect(lines.count == 1, "\(errors)")
      let line = try #require(
        lines.last?.wholeMatch(of: /gemsync: interrupted after (\d+) of (\d+) (.*)/))
      let (done, all) = (try #require(Int(line.1)), try #require(Int(line.2)))
      #expect(done < all && line.3.hasPrefix(test.noun))
      if test.isReport {
        let report = try Report(contentsOf: file)
        #expect(report.notRun == all - done)
        #expect(test.noun.hasPrefix("accesses") || report.results.count == done)
        #expect(!report.results.isEmpty)
      }
      if test.arguments.contains("t.jsonl") {
        let trace = try String(contentsOfFile: directory + "/t.jsonl", encoding: .utf8)
        #expect(trace.split(separator: "\n").count > 100)
      }
    }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func replayEndsAfterTheCallsSoFar(_ signal: CInt) throws {
    try inDirectory { directory in
      try writeScripts(in: directory)
      let record = try CommandResult(
        shell: "gemsync record -o t.jsonl -- run flush.yaml --device mock:panthor --repeat 200",
        in: directory)
      try #require(record.code == 0, "\(record.errors)")
      // The trace is read before the first call, so the time of the signal is searched for, from the end.
      let whole = try Running(["replay", "t.jsonl"], in: directory).workUntilEnd()
      for part in (0..<60).map({ 0.98 - 0.02 * Double($0 % 30) }) {
        let process = try Running(["replay", "t.jsonl"], in: directory)
        guard (try? process.waitForWork(seconds: whole * part)) != nil else { continue }
        process.send(signal)
        let (code, errors) = process.end()
        guard code == 128 + signal, errors.contains(" calls\n") else { continue }
        #expect(errors.split(separator: "\n").count == 1)
        #expect(errors.hasPrefix("gemsync: interrupted after "))
        return
      }
      Issue.record("no replay was interrupted")
    }
  }

  /// An exploration that takes minutes is given up, and those before it are kept.
  @Test(arguments: [SIGINT, SIGTERM])
  func explorationsSoFarAreKept(_ signal: CInt) throws {
    try inDirectory { directory in
      try writeScripts(in: directory)
      let long = [String](repeating: "long.yaml", count: 20)
      let process = try Running(["explore", "flush.yaml"] + long, in: directory)
      let first = process.waitForOutput()
      process.send(signal)
      let (code, errors) = process.end()
      #expect(code == 128 + signal)
      #expect(first.hasPrefix("flush.yaml on mock:panthor: proved"))
      let line = try #require(
        errors.wholeMatch(of: /gemsync: interrupted after (\d+) of (\d+) explorations\n/))
      #expect(Int(line.1) ?? 0 >= 1 && Int(line.2) == 42)
    }
  }

  /// Nothing to keep: the command ends at once, here while it waits for its input.
  @Test(
    arguments: [
      ["diff", "fifo", "fifo"], ["replay", "fifo"], ["run", "fifo"], ["explore", "fifo"],
      ["info", "--device", "mock:panthor", "--output", "fifo"],
      ["check", "--list", "--output", "fifo"],
    ], [SIGINT, SIGTERM])
  func commandWithoutResultsEndsAtOnce(_ arguments: [String], _ signal: CInt) throws {
    try inDirectory { directory in
      try #require(mkfifo(directory + "/fifo", 0o600) == 0)
      let process = try Running(arguments, in: directory)
      try process.waitUntilBlocked()
      process.send(signal)
      let (code, errors) = process.end()
      #expect(code == 128 + signal && errors == "gemsync: interrupted\n")
    }
  }

  @Test func policiesKeepTheirAnswers() throws {
    try inDirectory { directory in
      // The command is short; the time of the signal is searched for.
      for hundredths in [15, 20, 10, 25, 30, 5, 40, 60, 80, 120] {
        let process = try Running(
          ["policies", "--format", "json", "--output", "p.json"], in: directory)
        guard (try? process.waitForWork(seconds: Double(hundredths) / 100)) != nil else { continue }
        process.send(SIGTERM)
        let (code, errors) = process.end()
        guard code == 143, errors.contains(" answers\n") else { continue }
        let data = try Data(contentsOf: URL(filePath: directory + "/p.json"))
        let report = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let count = (report?["answers"] as? [Any])?.count
        #expect(errors.hasPrefix("gemsync: interrupted after \(count ?? -1) of "))
        return
      }
      Issue.record("no run was interrupted")
    }
  }

  /// SIGQUIT is never deferred: no backtrace, no results, whatever the command does.
  @Test(arguments: [
    ["fuzz", "--device", "mock:panthor", "--ops", "90000000"],
    ["run", "flush.yaml", "--device", "mock:panthor", "--repeat", "1000000"],
    ["explore", "long.yaml"], ["check", "--device", "mock:all"] + devices,
  ])
  func quitEndsAtOnce(_ arguments: [String]) throws {
    try inDirectory { directory in
      try writeScripts(in: directory)
      let process = try Running(arguments, in: directory)
      try process.waitForWork(seconds: 0.3)
      process.send(SIGQUIT)
      let (code, errors) = process.end()
      #expect(code == 131 && errors == "gemsync: quit\n")
    }
  }

  /// A check that blocks must not block the user.
  @Test func secondSignalEndsAtOnce() throws {
    try inDirectory { directory in
      let process = try Running(
        ["fuzz", "--device", "mock:panthor", "--ops", "90000000", "--jobs", "2"], in: directory)
      try process.waitForWork(seconds: 0.5)
      process.send(SIGTERM)
      process.send(SIGINT)
      let (code, errors) = process.end()
      // Both signals may be pending at once, in either order.
      #expect([130, 143].contains(code), "\(errors)")
    }
  }

  private func writeScripts(in directory: String) throws {
    let text = ExampleScript.flush
    try text.write(toFile: "\(directory)/flush.yaml", atomically: true, encoding: .utf8)
    // Unordered jobs on queues of their own: an exploration of many minutes.
    var long =
      "version: 1\nabout: Unordered jobs.\nsteps:\n- create: {bo: a, size: 4K, flags: [wb_mmap]}\n"
    for number in 0..<400 {
      long += "- write: {bo: a, offset: \(number % 8 * 4), size: 4, as: w\(number)}\n"
      long += "- submit: {job: j\(number), queue: q\(number), do: [{read: {bo: a, size: 64}}, "
      long += "{write: {bo: a, offset: 32, size: 4}}]}\n"
    }
    for number in 0..<400 { long += "- wait: {job: j\(number)}\n" }
    try long.write(toFile: "\(directory)/long.yaml", atomically: true, encoding: .utf8)
  }
}

/// A `gemsync` that runs.
private final class Running {
  private let process = Process()
  private let errors = Pipe()
  private let output = Pipe()

  init(_ arguments: [String], in directory: String) throws {
    process.executableURL = try CommandResult.directory().appending(path: "gemsync")
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: directory)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    process.environment = ProcessInfo.processInfo.environment
      .merging(["ASAN_OPTIONS": "detect_leaks=0"]) { $1 }
    try process.run()
  }

  struct Ended: Error {}

  /// Waits until the process has used processor time.
  func waitForWork(seconds: Double) throws {
    while try fields(from: 13, count: 2).reduce(0, +) < Int(seconds * 100) {
      usleep(10_000)
    }
  }

  /// Returns the processor time of the whole run, in seconds.
  func workUntilEnd() -> Double {
    var ticks = 0
    while let now = try? fields(from: 13, count: 2).reduce(0, +) {
      ticks = max(ticks, now)
      usleep(5000)
    }
    return Double(ticks) / 100
  }

  /// Waits until the process sleeps, with the same processor time for a while.
  func waitUntilBlocked() throws {
    var times = [-1]
    var still = 0
    while still < 10 {
      usleep(20_000)
      let now = try fields(from: 13, count: 2)
      still = now == times && now.reduce(0, +) >= 0 ? still + 1 : 0
      times = now
    }
  }

  /// Waits until the process has printed something, and returns it.
  func waitForOutput() -> String {
    String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
  }

  func send(_ signal: CInt) { kill(process.processIdentifier, signal) }

  func end() -> (code: Int32, errors: String) {
    let data = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  /// The numbers of `/proc/PID/stat`, in which 13 and 14 are the processor time in ticks.
  private func fields(from index: Int, count: Int) throws -> [Int] {
    guard process.isRunning,
      let text = try? String(
        contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8),
      let name = text.lastIndex(of: ")")
    else { throw Ended() }
    let rest = text[text.index(name, offsetBy: 2)...].split(separator: " ")
    return rest[(index - 2)..<(index - 2 + count)].compactMap { Int($0) }
  }
}
