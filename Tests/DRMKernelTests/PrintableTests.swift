// SPDX-License-Identifier: MIT

import DRMKernel
import Testing

@Suite struct PrintableTests {
  @Test(arguments: [
    ("plain 'text' \\ é 漢 🙂 | ±", "plain 'text' \\ é 漢 🙂 | ±"), ("", ""),
    ("a\nb\r\tc", "a\\nb\\r\\tc"), ("\u{0}\u{1b}[2J\u{7f}", "\\x00\\x1b[2J\\x7f"),
    ("\u{85}\u{9b}\u{9d}\u{ad}", "\\x85\\x9b\\x9d\\xad"),
    ("\u{202a}\u{202e}\u{2066}\u{2069}\u{200f}", "\\u202a\\u202e\\u2066\\u2069\\u200f"),
    ("\u{200b}\u{200d}\u{feff}\u{2060}\u{fe0f}", "\\u200b\\u200d\\ufeff\\u2060\\ufe0f"),
    ("\u{2028}\u{2029}\u{115f}\u{3164}", "\\u2028\\u2029\\u115f\\u3164"),
    ("\u{e0001}\u{f0000}\u{378}", "\\ue0001\\uf0000\\u0378"), ("e\r\n\u{301}", "e\\r\\n\u{301}"),
  ])
  func terminalsShowEveryCharacter(_ text: String, _ shown: String) {
    #expect(text.printable.unicodeScalars.elementsEqual(shown.unicodeScalars))
  }

  @Test func jsonEscapesAreUnitsOfUTF16() {
    #expect(
      "a\n\u{9b}\u{e0001}".escaping(keepsLines: true, \.jsonEscape) == "a\n\\u009b\\udb40\\udc01")
  }
}
