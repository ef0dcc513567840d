// SPDX-License-Identifier: MIT

import Foundation
import Reports
import Testing

/// `gemsync run`, run as a process.
@Suite struct RunCommandTests {
  private static let good = ExampleScript.flush
  private static let bad = """
    version: 1
    about: A CPU write that a device reads is not flushed.
    nodes: {gpu: [panfrost]}
    steps:
    - create: {bo: a, size: 4K, flags: [wb_mmap]}
    - write: {bo: a, size: 4, as: w1}
    - submit: {job: j, do: [{read: {bo: a, size: 4, sees: w1}}]}
    - wait: {job: j}
    """

  @Test func directoryRunsOnEachDevice() throws {
    try inDirectory { directory in
      let result = try gemsync(
        "run", directory, "--device", "mock:panfrost", "--device", "mock:panthor", "--format",
        "json")
      #expect(result.code == 1 && result.errors.isEmpty)
      let file = directory + "/r.json"
      try result.output.write(toFile: file, atomically: true, encoding: .utf8)
      let rows = try Report(contentsOf: file).results
      #expect(
        rows.map { "\($0.id) \($0.driver) \($0.verdict.rawValue)" } == [
          "flush_1.bad panfrost fail", "flush_1.good panfrost pass", "flush_1.bad panthor skip",
          "flush_1.good panthor pass",
        ])
      #expect(rows[0].expected == ["line 7 j read a 0..<4: w1"])
      #expect(rows[0].observed.contains("line 7 j read a 0..<4: zeroes"))
      #expect(
        rows[0].reason
          == "\(directory)/Flush-1.bad.yaml:7:32: j read a 0..<4: must see w1, but sees zeroes")
      #expect(rows[2].reason == "needs panfrost, and mock:panthor is panthor")
    }
  }

  @Test func humanReportHasTheReasonAndTheSteps() throws {
    try inDirectory { directory in
      let bad = try gemsync("run", "\(directory)/Flush-1.bad.yaml", "--device", "mock:panfrost")
      #expect(bad.code == 1)
      #expect(
        bad.output.contains(
          "  FAIL flush_1.bad: \(directory)/Flush-1.bad.yaml:7:32: j read a 0..<4: must see w1, but "
            + "sees zeroes\n       A CPU write that a device reads is not flushed.\n"))
      #expect(bad.output.contains("\n0 passed, 1 failed, 0 skipped in "))
      let good = try gemsync(
        "run", "\(directory)/Flush-1.good.yaml", "--device", "mock:panfrost", "--verbose",
        "--repeat", "3")
      #expect(good.code == 0 && good.errors.isEmpty)
      #expect(good.output.contains("  pass flush_1.good\n       line 4 create a: ok\n"))
      #expect(good.output.contains("\n3 passed, 0 failed, 0 skipped in "))
      let skipped = try gemsync("run", "\(directory)/Flush-1.bad.yaml", "--device", "mock:panthor")
      #expect(skipped.code == 77 && skipped.output.contains("skip flush_1.bad: needs panfrost"))
    }
  }

  @Test func shuffleFollowsFromItsSeed() throws {
    try inDirectory { directory in
      for number in 0..<8 {
        try Self.good.write(
          toFile: "\(directory)/s\(number).yaml", atomically: true, encoding: .utf8)
      }
      func order(_ seed: Int) throws -> [Substring] {
        try gemsync(
          "run", directory, "--device", "mock:panthor", "--verbose", "--repeat", "2", "--shuffle",
          "\(seed)"
        ).output.split(separator: "\n").filter { $0.hasPrefix("  pass s") }
      }
      let first = try order(1)
      #expect(first.count == 16 && Set(first).count == 8)
      #expect(try order(1) == first)
      #expect(try order(2) != first)
      // Each round has its own order.
      #expect(Array(first.prefix(8)) != Array(first.suffix(8)))
    }
  }

  @Test func schedulesDriveTheMock() throws {
    try inDirectory { directory in
      let script = "\(directory)/Flush-1.bad.yaml"
      let file = "\(directory)/schedule.json"
      let evict = """
        {"schema_version": 1, "events": [{"step": 3, "waiting": false, "action": "evict", \
        "buffer": "a", "offset": 0, "size": 64}]}
        """
      try evict.write(toFile: file, atomically: true, encoding: .utf8)
      let device = "mock:panfrost,fill=never"
      // The eviction writes the line back before the job reads memory.
      let evicted = try gemsync("run", script, "--device", device, "--schedule", file)
      #expect(evicted.code == 0, "\(evicted.output)\(evicted.errors)")
      let both = try gemsync("run", directory, "--device", device, "--schedule", file)
      #expect(both.code == 2 && both.errors.contains("a schedule is for one script, not 2"))
    }
  }

  @Test func runIsRecordedAndReplayed() throws {
    try inDirectory { directory in
      let trace = directory + "/t.jsonl"
      let script = directory + "/Flush-1.good.yaml"
      let record = try gemsync(
        "record", "-o", trace, "--", "run", script, "--device", "mock:panthor")
      #expect(record.code == 0 && record.errors.isEmpty)
      let replay = try gemsync("replay", trace)
      #expect(replay.code == 0 && replay.output.contains("no difference"))
    }
  }

  @Test(arguments: [
    (["run"], "scripts"), (["run", "/nowhere.yaml"], "/nowhere.yaml"),
    (["run", "/proc/self"], "/proc/self: there is no *.yaml file in it"),
    (["run", "x.yaml", "--repeat", "0"], "--repeat is at least 1"),
    (["run", "x.yaml", "--dialect", "v5"], "v5"),
  ])
  func badInputIsOneLineAndExitCode2(_ arguments: [String], _ part: String) throws {
    let result = try CommandResult(running: "gemsync", arguments)
    #expect(result.code == 2 && result.output.isEmpty)
    #expect(result.errors.hasPrefix("gemsync: ") && result.errors.contains(part))
    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
  }

  @Test func brokenScriptIsReportedWithItsPlace() throws {
    try inDirectory { directory in
      try "version: 1\nsteps:\n- frob: {}\n".write(
        toFile: "\(directory)/x.yaml", atomically: true, encoding: .utf8)
      let result = try gemsync("run", "\(directory)/x.yaml", "--device", "mock:panthor")
      #expect(result.code == 2 && result.output.isEmpty)
      #expect(result.errors.hasPrefix("gemsync: \(directory)/x.yaml:3:3: "))
    }
  }

  /// One bad file does not keep the others from being used, and its error is the last word.
  @Test(arguments: [
    ["run", "--device", "mock:panfrost"], ["explore"], ["bringup", "--device", "mock:panfrost"],
  ])
  func oneBadScriptAmongOthersIsExitCode2AtTheEnd(_ command: [String]) throws {
    try inDirectory { directory in
      let file = "\(directory)/x.yaml"
      try "version: 1\nsteps:\n- frob: {}\n".write(
        toFile: file, atomically: true, encoding: .utf8)
      let output = "\(directory)/r.json"
      let result = try gemsync(
        command + [directory, "/nowhere.yaml", "--format", "json", "--output", output])
      #expect(result.code == 2 && result.output.isEmpty)
      let errors = result.errors.split(separator: "\n")
      #expect(errors.count == 2 && errors[0].hasPrefix("gemsync: \(file):3:3: "), "\(errors)")
      #expect(errors.last == "gemsync: /nowhere.yaml: No such file or directory")
      let text = try String(contentsOfFile: output, encoding: .utf8)
      #expect(text.lowercased().contains("flush-1.good") || text.contains("flush_1.good"))
      #expect(text.lowercased().contains("flush-1.bad") || text.contains("flush_1.bad"))
      // Where no file can be used, nothing is written.
      try FileManager.default.removeItem(atPath: output)
      let none = try gemsync(command + [file, "--output", output])
      #expect(none.code == 2 && !FileManager.default.fileExists(atPath: output))
      #expect(none.errors.split(separator: "\n").count == 1)
    }
  }

  private func inDirectory(_ body: (String) throws -> Void) throws {
    try GEMSyncTests.inDirectory { directory in
      for (name, text) in [("Flush-1.good.yaml", Self.good), ("Flush-1.bad.yaml", Self.bad)] {
        try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
      }
      try body(directory)
    }
  }
}
