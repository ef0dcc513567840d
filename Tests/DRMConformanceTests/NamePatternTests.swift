// SPDX-License-Identifier: MIT

import DRMConformance
import Testing

@Suite struct NamePatternTests {
  @Test(
    arguments: [
      ("core.version.null", "core.version.null", true), ("core.version", "core.version.null", true),
      ("core.vers", "core.version.null", false), ("core", "core", true), ("", "core", false),
      ("*", "core", true), ("c*e", "core", true), ("c*r", "core", false), ("*o*e*", "core", true),
      ("**re", "core", true), ("core*", "core", true), ("*.null", "core.version.null", true),
      ("a*b*c", "aXbXbXc", true), ("a*bc", "abbbc", true), ("a*bcd", "abbbc", false),
    ])
  func matches(_ pattern: String, _ id: String, _ expected: Bool) {
    #expect(NamePattern(pattern).matches(id) == expected)
  }

  /// Many stars cost no more than the product of the lengths.
  @Test func manyStarsEnd() {
    let text = String(repeating: "a", count: 2000)
    #expect(!NamePattern(String(repeating: "a*", count: 500) + "b").matches(text))
  }
}
