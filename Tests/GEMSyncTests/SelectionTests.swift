// SPDX-License-Identifier: MIT

import Foundation
import Reports
import Testing

/// The options that choose among checks and scripts.
@Suite struct SelectionTests {
  private func ids(_ arguments: [String]) throws -> [String] {
    let result = try gemsync(
      ["check"] + arguments + ["--device", "mock:panthor", "--format", "json"])
    try #require(result.code != 2, "\(result.errors)")
    return try JSONDecoder().decode(Report.self, from: Data(result.output.utf8)).results.map(\.id)
  }

  @Test func keywordsAndExclusions() throws {
    let all = try ids(["core.gem_close"])
    #expect(all.count == 4)
    #expect(try ids(["core.gem_close", "-k", "twice"]) == ["core.gem_close.twice"])
    #expect(
      try ids(["core.gem_close", "-k", "twice", "-k", "zero"])
        == ["core.gem_close.zero", "core.gem_close.twice"])
    #expect(
      try ids(["core.gem_close", "--exclude", "core.gem_close.twice", "--exclude", "*zero*"])
        == all.filter { !$0.contains("twice") && !$0.contains("zero") })
    // A prefix of whole parts.
    #expect(
      try ids(["core", "--exclude", "core.gem_close"]).allSatisfy { !$0.contains("gem_close") })
    #expect(try ids(["core.gem_close", "--exclude", "core.gem_clos"]) == all)
  }

  @Test func aTestListChoosesAndNamesItsWrongLines() throws {
    try inDirectory { directory in
      let file = directory + "/list.txt"
      try "# a comment\ncore.gem_close.twice  # why\n\n  core.version*\n"
        .write(toFile: file, atomically: true, encoding: .utf8)
      let chosen = try ids(["--test-list", file])
      #expect(
        chosen.contains("core.gem_close.twice") && chosen.contains { $0.hasPrefix("core.version") })
      #expect(chosen.allSatisfy { $0 == "core.gem_close.twice" || $0.hasPrefix("core.version") })
      try "core\ncore.gem_cloze\n".write(toFile: file, atomically: true, encoding: .utf8)
      let wrong = try gemsync("check", "--test-list", file, "--device", "mock:panthor")
      #expect(
        wrong.code == 2
          && wrong.errors == "gemsync: \(file):2: nothing is called 'core.gem_cloze'\n")
      try "# only a comment\n".write(toFile: file, atomically: true, encoding: .utf8)
      let empty = try gemsync("check", "--test-list", file, "--device", "mock:panthor")
      #expect(empty.code == 2 && empty.errors == "gemsync: \(file): names nothing\n")
    }
  }

  @Test func whatFailedRunsAgain() throws {
    try inDirectory { directory in
      let file = directory + "/first.json"
      let first = try gemsync(
        "check", "core.gem_close", "core.version", "--device", "mock:panthor", "--inject",
        "crash:twice", "--inject", "exit:name_truncated", "--format", "json", "--output", file)
      #expect(first.code == 1)
      #expect(
        try ids(["--rerun-failed", file]).sorted()
          == ["core.gem_close.twice", "core.version.name_truncated"])
      // Nothing failed on this kind of device.
      let other = try gemsync("check", "--rerun-failed", file, "--device", "mock:panfrost")
      #expect(other.code == 2 && other.errors == "gemsync: the selection leaves nothing to run\n")
      let again = try gemsync(
        "check", "core.gem_close", "--device", "mock:panthor", "--format", "json", "--output", file)
      #expect(again.code == 0)
      let none = try gemsync("check", "--rerun-failed", file, "--device", "mock:panthor")
      #expect(none.code == 2 && none.errors.contains("nothing failed there"))
    }
  }

  @Test func repetitionAndOrder() throws {
    let once = try ids(["core.gem_close"])
    #expect(try ids(["core.gem_close", "--repeat", "2"]) == once + once)
    let shuffled = try ids(["core", "--shuffle", "7"])
    #expect(try ids(["core", "--shuffle", "7"]) == shuffled)
    let ordered = try ids(["core"])
    #expect(shuffled != ordered && shuffled.sorted() == ordered.sorted())
    let other = try ids(["core", "--shuffle", "8"])
    #expect(shuffled != other)
  }

  @Test func aRunStopsAfterItsFailures() throws {
    let result = try gemsync(
      "check", "core.gem_close", "core.version", "--device", "mock:panthor", "--inject",
      "crash:core",
      "--maxfail", "2")
    #expect(result.code == 1)
    #expect(result.output.split(separator: "\n").count { $0.contains("CRASH") } == 2)
    #expect(result.errors.hasPrefix("gemsync: stopped after 2 of "))
    #expect(result.errors.hasSuffix("2 failed (--maxfail 2)\n"))
  }

  @Test func theWholeRunHasALimit() throws {
    let result = try gemsync(
      "check", "core", "--device", "mock:panthor", "--inject", "hang:core", "--overall-timeout",
      "0.5")
    #expect(result.code == 1)
    #expect(result.errors.contains("the run did not end within 0.5 s"))
  }

  @Test func quietAndVerboseAndDurations() throws {
    let quiet = try gemsync("check", "core", "-d", "mock:panthor", "-q")
    #expect(
      quiet.output.split(separator: "\n").count == 1 && quiet.output.contains(" passed, 0 failed"))
    let verbose = try gemsync("check", "core.gem_close", "-d", "mock:panthor", "-v")
    #expect(verbose.output.contains("  pass core.gem_close.twice\n"))
    let slow = try gemsync("check", "core.gem_close", "-d", "mock:panthor", "--durations", "2")
    let lines = slow.output.split(separator: "\n")
    let start = try #require(lines.firstIndex(of: "the slowest:"))
    #expect(lines[(start + 1)...].count { $0.contains(" ms  core.gem_close") } == 2)
  }

  @Test func theEnvironmentNamesDevices() throws {
    try inDirectory { directory in
      func run(_ value: String, _ arguments: String = "") throws -> CommandResult {
        try CommandResult(
          shell: "GEMSYNC_DEVICE='\(value)' gemsync check core.version \(arguments)", in: directory)
      }
      let two = try run("mock:panfrost mock:panthor,coherent")
      #expect(
        two.code == 0 && two.output.contains("mock:panfrost: ")
          && two.output.contains("mock:panthor,coherent: "))
      #expect(try run("mock:panfrost", "-d mock:panthor").output.hasPrefix("mock:panthor: "))
      let wrong = try run("mock:nothing")
      #expect(wrong.code == 2 && wrong.errors.hasPrefix("gemsync: GEMSYNC_DEVICE: "))
    }
  }
}
