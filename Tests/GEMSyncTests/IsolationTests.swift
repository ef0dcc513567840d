// SPDX-License-Identifier: MIT

import DRMConformance
import Foundation
import Reports
import Testing

/// Checks and scripts in processes of their own, and what goes wrong in them.
@Suite struct IsolationTests {
  private static let common = ["check", "core.gem_close", "--device", "mock:panthor"]

  /// Runs four checks of which one has a fault, and returns that row, and whether the others passed.
  private func rehearse(
    _ fault: String, _ options: [String] = []
  ) throws -> (result: CommandResult, row: ResultRow, others: [ResultRow]) {
    let result = try gemsync(
      Self.common + ["--format", "json", "--inject", "\(fault):core.gem_close.twice"] + options)
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    let row = try #require(report.results.first { $0.id == "core.gem_close.twice" })
    return (result, row, report.results.filter { $0.id != row.id })
  }

  @Test(
    arguments: [
      ("hang", Verdict.timeout, "it did not end within 10 s, in open(path=mock:panthor "),
      ("crash", .crash, "its process was killed by SIGSEGV, in open("),
      ("exit", .crash, "its process ended with exit code 3, in open("),
    ])
  func aFaultIsTheVerdictOfItsItemOnly(
    _ fault: String, _ verdict: Verdict, _ reason: String
  ) throws {
    let limit = fault == "hang" ? "10" : "100"
    let (result, row, others) = try rehearse(fault, ["--per-test-timeout", limit])
    #expect(row.verdict == verdict)
    #expect(row.reason?.hasPrefix(reason) == true, "\(row.reason ?? "")")
    #expect(others.count == 3 && others.allSatisfy { $0.verdict == .pass })
    #expect(result.code == 1)
  }

  @Test func aHangIsFoundByItsInactivity() throws {
    let (_, row, others) = try rehearse("hang", ["--inactivity-timeout", "8"])
    #expect(row.verdict == .timeout)
    #expect(row.reason?.hasPrefix("it made no call for 8 s, in open(") == true)
    #expect(others.allSatisfy { $0.verdict == .pass })
  }

  @Test func aSlowItemPasses() throws {
    let (result, row, _) = try rehearse("slow", ["--per-test-timeout", "20"])
    #expect(row.verdict == .pass && row.seconds > 0.06)
    #expect(result.code == 0)
  }

  @Test func whatIsPrintedDoesNotDisturb() throws {
    let (result, row, others) = try rehearse("print")
    #expect(row.verdict == .pass && others.allSatisfy { $0.verdict == .pass })
    #expect(result.code == 0 && result.errors.isEmpty)
  }

  @Test func aRetryTellsAFlake() throws {
    let (result, row, others) = try rehearse("flaky", ["--retry", "2"])
    #expect(row.verdict == .pass && row.attempts == 2 && row.isFlaky)
    #expect(
      row.reason?.hasPrefix("flaky: failed 1 of 2 attempts: cannot open mock:panthor: EIO") == true)
    #expect(others.allSatisfy { $0.attempts == nil && !$0.isFlaky })
    #expect(result.code == 0)
    #expect(try rehearse("flaky").row.verdict == .fail)
    let failed = try rehearse("crash", ["--retry", "2"]).row
    #expect(failed.verdict == .crash && failed.attempts == 3)
  }

  @Test func aDeviceThatVanishesIsLost() throws {
    let result = try gemsync(
      Self.common + ["--device", "mock:panfrost", "--inject", "vanish:core.gem_close.zero"])
    #expect(result.code == 1)
    #expect(
      result.output.contains(
        "2 not run, because the device was lost: cannot open mock:panthor: ENODEV"))
    let lost = "mock:panthor, mock:panfrost were lost"
    #expect(result.errors == "gemsync: stopped after 4 of 8 checks: \(lost)\n")
    let json = try rehearse("vanish")
    #expect(json.row.verdict == .fail && json.others.count == 2)
  }

  @Test func theSameResultsAsInOneProcess() throws {
    func rows(_ options: [String]) throws -> [ResultRow] {
      let result = try gemsync(
        [
          "check", "panthor.bo_create", "core.version", "--device", "mock:panthor", "--format",
          "json",
        ]
          + ["--device", "mock:panthor,coherent,minor=6"] + options)
      return try JSONDecoder().decode(Report.self, from: Data(result.output.utf8)).results
    }
    let (together, isolated, atOnce) = (
      try rows([]), try rows(["--isolate"]), try rows(["--isolate", "--jobs", "2"])
    )
    #expect(together.count > 20)
    for (a, (b, c)) in zip(together, zip(isolated, atOnce)) {
      #expect(a.id == b.id && a.verdict == b.verdict && a.observed == b.observed)
      #expect(a.device == b.device && a.reason == b.reason && a.expected == b.expected)
      #expect(b.id == c.id && b.verdict == c.verdict && b.observed == c.observed)
    }
    #expect(together.count == isolated.count && isolated.count == atOnce.count)
  }

  /// A runner that is killed takes the process of its item with it.
  @Test func aChildEndsWithItsParent() throws {
    let process = Process()
    process.executableURL = try CommandResult.program("gemsync")
    process.arguments = Self.common + ["--inject", "hang:zero", "--per-test-timeout", "60"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    var children: [pid_t] = []
    while children.isEmpty, process.isRunning {
      usleep(20_000)
      children = try Self.children(of: process.processIdentifier)
    }
    // The first item has no fault: its process may have been the one found.
    usleep(300_000)
    children += try Self.children(of: process.processIdentifier)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    var waited = 0
    while waited < 200, children.contains(where: { Self.isGemsync($0) }) {
      usleep(20_000)
      waited += 1
    }
    #expect(!children.isEmpty && waited < 200)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalEndsTheItemInFlight(_ signal: CInt) throws {
    let process = Process()
    process.executableURL = try CommandResult.program("gemsync")
    process.arguments = Self.common + ["--inject", "hang:zero", "--per-test-timeout", "60"]
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    usleep(700_000)
    kill(process.processIdentifier, signal)
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 128 + signal)
    #expect(text.wholeMatch(of: /gemsync: interrupted after [01] of 4 checks\n/) != nil, "\(text)")
  }

  @Test(
    arguments: [
      (["--inject", "burn:x"], "--inject burn:x: not KIND:PATTERN"),
      (["--no-isolate", "--per-test-timeout", "1"], "need a process for each item"),
      (["--trace", "--isolate"], "--trace excludes a process for each item"),
      (["--trace", "--inject", "hang:x"], "--trace excludes a process for each item"),
      (["--per-test-timeout", "0"], "--per-test-timeout is a number of seconds above 0"),
      (["--retry", "9223372036854775807"], "--retry is a number from 0 to 1000"),
      (["--repeat", "9223372036854775807"], "--repeat 9223372036854775807: at most "),
      (["--result", "x", "-o", "x"], "x: is the folder of --result too"),
      (["--overall-timeout", "nan"], "--overall-timeout is a number of seconds above 0"),
      (["--jobs", "0"], "--jobs is a number from 1 to 1000"),
    ])
  func wrongOptionsAreRefused(_ options: [String], _ message: String) throws {
    let result = try gemsync(Self.common + options)
    #expect(result.code == 2 && result.errors.contains(message), "\(result.errors)")
    #expect(result.output.isEmpty)
  }

  @Test func aRecordingHasOneProcess() throws {
    try inDirectory { directory in
      let line = "gemsync record -o t.jsonl -- check core.version -d mock:panthor"
      let refused = try CommandResult(shell: line + " --isolate", in: directory)
      #expect(refused.code == 2 && refused.errors.hasPrefix("gemsync: record excludes a process"))
      #expect(try CommandResult(shell: line, in: directory).code == 0)
    }
  }

  /// Another process cannot read the runner's stdin.
  @Test func aScriptFromStdinHasNoProcessOfItsOwn() throws {
    try inDirectory { directory in
      let script = directory + "/a.yaml"
      try ExampleScript.flush.write(toFile: script, atomically: true, encoding: .utf8)
      for (options, message) in [
        ("--isolate", "stdin excludes a process for each item"),
        ("--result run", "stdin: --result needs a file"),
      ] {
        let result = try CommandResult(
          shell: "gemsync run - -d mock:panthor \(options) < a.yaml", in: directory)
        #expect(result.code == 2 && result.errors.contains(message), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: directory + "/run"))
      }
    }
  }

  /// A panic would be that of this machine, so nothing runs and no folder appears.
  @Test(
    arguments: [
      ["check", "core.gem_close"], ["run", "Tests/Litmus/missing_flush.bo_sync.good.yaml"],
    ])
  func aPanicIsRefusedOnMocks(_ command: [String]) throws {
    try inDirectory { directory in
      let folder = directory + "/run"
      let result = try gemsync(
        command + [
          "--device", "mock:panthor", "--inject", "hang:zero", "--inject", "panic:twice",
          "--result", folder,
        ])
      #expect(result.code == 2 && result.output.isEmpty)
      #expect(
        result.errors.hasPrefix(
          "gemsync: --inject panic:twice: it ends this machine's kernel, which mock:panthor does not use"
        ), "\(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder))
    }
  }

  private static func children(of process: pid_t) throws -> [pid_t] {
    let path = "/proc/\(process)/task/\(process)/children"
    let main = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    // A child belongs to the thread that started it.
    let tasks =
      (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
    let all = tasks.map { task in
      (try? String(contentsOfFile: "/proc/\(process)/task/\(task)/children", encoding: .utf8)) ?? ""
    }
    return ([main] + all).flatMap { $0.split(separator: " ") }.compactMap { pid_t($0) }
  }

  private static func isGemsync(_ process: pid_t) -> Bool {
    let state = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
    return state.contains("(gemsync") && !state.contains(") Z ")
  }
}
