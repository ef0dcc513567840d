// SPDX-License-Identifier: MIT

extension Unicode.Scalar {
  /// Whether a terminal shows the character as itself and does nothing else.
  ///
  /// False for controls, line and paragraph breaks, bidirectional controls, zero-width and unassigned characters.
  package var isPrintable: Bool {
    if isASCII { return value >= 0x20 && value != 0x7f }
    guard !properties.isDefaultIgnorableCodePoint else { return false }
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned,
      .surrogate:
      return false
    default: return true
    }
  }

  /// The character as JSON escapes it: one or two units of UTF-16, such as `\u202e`.
  package var jsonEscape: String {
    String(self).utf16.map { "\\u" + Self.hexadecimal(UInt32($0), 4) }.joined()
  }

  /// The character as messages escape it: `\n`, `\t`, `\x1b` or `\u202e`.
  fileprivate var escape: String {
    switch self {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default:
      value < 0x100 ? "\\x" + Self.hexadecimal(value, 2) : "\\u" + Self.hexadecimal(value, 4)
    }
  }

  private static func hexadecimal(_ value: UInt32, _ width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension String {
  /// The text on one line, in which a terminal shows every character as itself; all others are escaped.
  ///
  /// For texts from a file, a device or an argument.
  package var printable: String {
    escaping(\.escape)
  }

  /// The text with each character that is not printable replaced; a line feed too, unless `keepsLines`.
  package func escaping(
    keepsLines: Bool = false, _ replacement: (Unicode.Scalar) -> String
  ) -> String {
    func isKept(_ scalar: Unicode.Scalar) -> Bool {
      scalar.isPrintable || (keepsLines && scalar == "\n")
    }
    guard !unicodeScalars.allSatisfy(isKept) else { return self }
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if isKept(scalar) {
        text.append(scalar)
      } else {
        text.append(contentsOf: replacement(scalar).unicodeScalars)
      }
    }
    return String(text)
  }
}
