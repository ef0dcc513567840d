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

  /// The library's example in DRM.md is the one that is compiled and run here.
  @Test func exampleIsTheOneShown() throws {
    let here = URL(filePath: #filePath).deletingLastPathComponent()
    let source = try String(contentsOf: here.appending(path: "Example.swift"), encoding: .utf8)
    let shown = try #require(source.split(separator: "// <README>\n").last)
    let example = try #require(shown.split(separator: "// </README>").first)
    let blocks = try Document("\(Document.articles)/DRM.md").blocks.filter { $0.info == "swift" }
    #expect(
      blocks.first?.lines.joined(separator: "\n") == example.trimmingSuffix(while: \.isNewline))
  }

  /// What `gemsync policies` prints stands in Policies.md, and the mock shows all of it.
  @Test func policiesAreTheOnesShown() throws {
    let article = try Document("\(Document.articles)/Policies.md").lines.joined(separator: "\n")
    let table = try PolicyTable()
    #expect(table.isConfirmed)
    #expect(
      article.contains("\n\n\(table.markdown())"), "Policies.md must show:\n\(table.markdown())")
  }
}

extension StringProtocol {
  /// The text without the characters at its end that fulfil a condition.
  fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
    var text = String(self)
    while let last = text.last, predicate(last) { text.removeLast() }
    return text
  }
}
