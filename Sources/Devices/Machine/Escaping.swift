// SPDX-License-Identifier: MIT

extension String {
  /// The text on one line: whatever is not a printable character is escaped as `\u{1b}`.
  ///
  /// Texts of a machine's files are untrusted.
  package var escaped: String {
    unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
        .unassigned:
        text += scalar.escaped(asASCII: true)
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
