// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// Mocks agree with traces of every check that were recorded on the real drivers.
@Suite struct KernelTraceTests {
  private static let directory = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Traces")

  @Test(arguments: ["linux-6.12", "linux-7.3"])
  func mockAgreesWithTheKernel(_ name: String) throws {
    let path = Self.directory.appending(path: name + ".jsonl").path(percentEncoded: false)
    let result = try CommandResult(running: "gemsync", ["replay", path])
    #expect(result.output.hasSuffix(" calls, no difference\n"), "\(result.output.prefix(800))")
    #expect(result.code == 0)
    let calls = Int(result.output.prefix { $0.isNumber }) ?? 0
    #expect(calls > 5000)
  }

  @Test func mockOfAnotherKernelDiffers() throws {
    let path = Self.directory.appending(path: "linux-6.12.jsonl").path(percentEncoded: false)
    let result = try CommandResult(
      running: "gemsync", ["replay", path, "--device", "mock:all", "--device", "mock:vgem"])
    #expect(result.code == 1)
    #expect(result.output.contains("linux-6.12.jsonl:"))
  }
}
