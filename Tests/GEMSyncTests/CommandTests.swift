// SPDX-License-Identifier: MIT

import Foundation
import Reports
import Testing

/// The command, run as a process.
@Suite struct CommandTests {
  @Test func checkReportsTheFallbackToAMock() throws {
    // On a board with a Mali, the default is the board.
    let result = try gemsync("check", "panthor.bo_sync")
    if result.errors.contains("there is no Mali GPU here") {
      #expect(result.errors == "gemsync: there is no Mali GPU here: running on mock:panthor\n")
      #expect(result.output.contains("mock:panthor"))
    }
    #expect(result.code == 0)
  }

  @Test func checkWritesJSON() throws {
    let file = NSTemporaryDirectory() + "gemsync-\(UUID().uuidString).json"
    defer { try? FileManager.default.removeItem(atPath: file) }
    let result = try gemsync(
      "check", "--device", "mock:all", "--format", "json", "--output", file)
    #expect(result.code == 0 && result.output.isEmpty && result.errors.isEmpty)
    let report = try Report(contentsOf: file)
    #expect(
      report.devices.map(\.device) == [
        "mock:panfrost", "mock:panfrost,coherent", "mock:panthor", "mock:panthor,coherent",
      ])
    #expect(report.results.count { $0.verdict == .pass } > 200)
    let diff = try gemsync("diff", file, file)
    #expect(diff.code == 0 && diff.output.contains(" 0 differences"))
  }

  @Test func diffOfDifferentReportsIsOne() throws {
    let directory = NSTemporaryDirectory() + "gemsync-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    for (name, device) in [("a", "mock:panthor"), ("b", "mock:panthor,minor=8")] {
      let output = ["--format", "json", "--output", "\(directory)/\(name)"]
      #expect(try gemsync(["check", "core.version", "--device", device] + output).code == 0)
    }
    let diff = try gemsync("diff", "\(directory)/a", "\(directory)/b")
    #expect(diff.code == 1)
    #expect(diff.output.contains("version=1.9.0"))
  }

  @Test func everythingSkippedIs77() throws {
    let result = try gemsync("check", "panthor.bo_sync.whole", "--device", "mock:panthor,minor=6")
    #expect(result.code == 77)
    #expect(result.output.contains("needs sync, not in panthor 1.6"))
  }

  @Test(arguments: [
    (["check", "nothing.like.this"], "no check matches 'nothing.like.this'"),
    (["check", "--device", "foo"], "no device is called 'foo'"),
    (["check", "--device", "mock:foo"], "no mock device is called 'foo'"),
    (["check", "--format", "yaml"], "yaml"), (["check", "--frobnicate"], "--frobnicate"),
    (["frobnicate"], "frobnicate"), (["diff", "/nowhere"], "second"),
    (["diff", "/nowhere", "/nowhere"], "/nowhere: No such file or directory"),
    (["info", "--device", "mock:panthor,minor=7777"], "minor '7777'"),
    (["check", "--device", "mock:panthor", "--output", "/nowhere/x"], "/nowhere/x"),
  ])
  func badInputIsOneLineAndExitCode2(_ arguments: [String], _ part: String) throws {
    let result = try gemsync(arguments)
    #expect(result.code == 2)
    #expect(
      result.errors.hasPrefix("gemsync: ") && result.errors.contains(part), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1)
    #expect(result.output.isEmpty)
  }

  /// What is not there, and what cannot be used, is exit code 1 however it is named.
  @Test(arguments: [
    ("mock:tyr", "no support for the driver panthor 1.5.0"), ("driver:none", "the driver none"),
    ("/dev/dri/renderD999", "ENOENT"), ("/dev/null", "/dev/null: it is not a DRM node"),
    ("of:compatible=none", "the compatible none"),
  ])
  func deviceThatCannotBeUsedIsOne(_ device: String, _ part: String) throws {
    let result = try gemsync("check", "--device", device)
    #expect(result.code == 1 && result.errors.contains(part), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1 && result.output.isEmpty)
  }

  @Test func severalDevicesHaveSummariesOfTheirOwn() throws {
    let result = try gemsync(
      "check", "core.version", "--device", "mock:rk3588", "--device", "mock:panfrost")
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 5 && lines[0].hasPrefix("mock:rk3588: panthor 1.9.0"))
    #expect(lines[1].hasPrefix("  3 passed, 0 failed, 0 skipped in "))
    #expect(lines[3].hasPrefix("  3 passed, 0 failed, 0 skipped in "))
    #expect(lines[4].hasPrefix("6 passed, 0 failed, 0 skipped in ") && lines[4].hasSuffix(" s"))
  }

  @Test func skipsShareLinesByReason() throws {
    let folded = try gemsync("check", "--device", "mock:panthor").output
    #expect(folded.split(separator: "\n").count < 20)
    #expect(folded.contains("  11 skipped: needs /dev/dma_heap/system\n"))
    #expect(folded.contains(", 37 skipped in "))
    let listed = try gemsync("check", "--device", "mock:panthor", "--verbose").output
    #expect(listed.split(separator: "\n").count { $0.hasPrefix("  skip ") } == 37)
  }

  @Test func listOfChecksHonoursDevicesAndFormats() throws {
    let all = try gemsync("check", "--list").output.split(separator: "\n")
    let own = try gemsync("check", "--list", "--device", "mock:panfrost").output
      .split(separator: "\n")
    #expect(own.count < all.count && own.contains { $0.hasPrefix("panfrost.") })
    #expect(!own.contains { $0.hasPrefix("panthor.") })
    let json = try gemsync("check", "--list", "panthor.bo_create", "--format", "json")
    let list = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect(list?["schema_version"] as? Int == 1)
    #expect((list?["checks"] as? [[String: Any]])?.count == 14)
    #expect(try gemsync("check", "--list", "--device", "driver:none").code == 1)
  }

  @Test func listOfChecksRunsNothing() throws {
    let result = try gemsync("check", "--list", "panthor.bo_create")
    #expect(result.code == 0 && result.errors.isEmpty)
    #expect(result.output.split(separator: "\n").count == 14)
    #expect(
      result.output.contains("panthor.bo_create.size_zero  BO_CREATE of size 0 fails with EINVAL."))
  }

  @Test func infoDescribesAMock() throws {
    let human = try gemsync("info", "--device", "mock:rk3588")
    #expect(human.code == 0 && human.output.contains("gpu_id               0xa8670005"))
    let json = try gemsync("info", "--device", "mock:panthor,minor=6", "--format", "json")
    #expect(json.output.contains("\"coherent\" : null"))
    #expect(json.output.contains("\"schema_version\" : 1"))
  }
}
