// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// `gemsync fuzz`, run as a process.
@Suite struct FuzzCommandTests {
  private let directory = FileManager.default.temporaryDirectory
    .appending(path: "gemsync-fuzz-\(UUID().uuidString)")

  @Test func differenceIsAShortTraceThatReplays() throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let trace = directory.appending(path: "found.jsonl").path(percentEncoded: false)
    let found = try gemsync([
      "fuzz", "--device", "mock:panthor", "--device", "mock:vgem", "--against",
      "mock:panthor,break=sync_bound", "--ops", "100000", "-o", trace,
    ])
    #expect(found.code == 1)
    #expect(found.output.contains("difference with seed 1"))
    #expect(found.output.contains("PANTHOR_BO_SYNC"))
    #expect(try gemsync(["replay", trace]).code == 0)
    let broken = try gemsync([
      "replay", trace, "--device", "mock:panthor,break=sync_bound", "--device", "mock:vgem",
    ])
    #expect(broken.code == 1)
    #expect(broken.output.contains("found.jsonl:"))
  }

  @Test func coverageIsATable() throws {
    let result = try gemsync([
      "fuzz", "--device", "mock:panfrost", "--ops", "3000", "--jobs", "4",
    ])
    #expect(result.code == 0)
    #expect(result.output.hasPrefix("mock:panfrost: panfrost 1.6.0: 3000 calls, "))
    #expect(result.output.contains("\n  PANFROST_SYNC_BO  "))
  }

  @Test(arguments: [
    (["--device", "mock:panthor", "--against", "mock:panfrost"], "has the driver panthor"),
    (["--device", "mock:panthor", "--against", "panthor"], "takes a mock device"),
    (["--device", "mock:panthor", "--against", "mock:panthor,break=nothing"], "sync_bound"),
    (["--device", "mock:vgem"], "only panthor and panfrost"),
    (["--device", "mock:panthor", "--ops", "0"], "at least 1"),
    (["--device", "mock:panthor", "--against", "mock:panthor", "--jobs", "2"], "exclude"),
    (["--device", "mock:panthor", "--against", "mock:panthor", "-o", "/nowhere/x"], "/nowhere"),
    (["--device", "mock:panthor", "-o", "x"], "--output needs --against"),
    (["--device", "mock:panthor", "--against", "mock:panthor,minor=6"], "'minor=6' cannot be"),
  ])
  func wrongUsageIsOneLineAndExitCode2(_ arguments: [String], _ word: String) throws {
    let result = try gemsync(["fuzz"] + arguments)
    #expect(result.code == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains(word), "\(result.errors)")
    #expect(result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
  }
}
