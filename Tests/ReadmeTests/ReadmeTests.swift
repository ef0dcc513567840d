// SPDX-License-Identifier: MIT

import DRMKernel
import Foundation
import MockDRM
import Policies
import Testing

@Suite struct ReadmeTests {
  @Test func exampleRuns() throws {
    let mock = MockKernel([MockProfile(.panthor)])
    #expect(try syncOneLine(of: "/dev/dri/renderD128", kernel: .substitute(mock)) == 0x2a)
    #expect(
      mock.maintenance(atNode: "/dev/dri/renderD128")?.map(\.range).prefix(2) == [
        0..<65536, 128..<132,
      ])
    #expect(mock.usage == .none)
  }

  @Test func exampleIsTheOneShown() throws {
    let here = URL(filePath: #filePath).deletingLastPathComponent()
    let source = try String(contentsOf: here.appending(path: "Example.swift"), encoding: .utf8)
    let readme = try String(
      contentsOf: here.appending(path: "../../README.md").standardized, encoding: .utf8)
    let shown = try #require(source.split(separator: "// <README>\n").last)
    let example = try #require(shown.split(separator: "// </README>").first)
    #expect(readme.contains("```swift\n\(example)```"))
  }

  /// What `gemsync policies` prints stands in the README, and the mock shows all of it.
  @Test func policiesAreTheOnesShown() throws {
    let here = URL(filePath: #filePath).deletingLastPathComponent()
    let readme = try String(
      contentsOf: here.appending(path: "../../README.md").standardized, encoding: .utf8)
    let table = try PolicyTable()
    #expect(table.isConfirmed)
    #expect(readme.contains("\n\n\(table.markdown())\n"))
  }
}
