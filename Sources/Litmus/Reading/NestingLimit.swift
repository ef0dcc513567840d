// SPDX-License-Identifier: MIT

/// Tells text that is nested too deep before a parser that calls itself for each level meets it.
enum NestingLimit {
  // Scripts need five levels; an indentation of as many columns can hold no more levels than that.
  private static let mostOpen = 32
  private static let mostIndentation = 128

  /// Answers the first place, counted from 1, where more brackets are open or a line begins further in than
  /// any script's.
  static func firstExcess(in text: String) -> (line: Int, column: Int)? {
    var line = 1
    var column = 0
    var open = 0
    var isIndenting = true
    for byte in text.utf8 {
      column += 1
      switch byte {
      case UInt8(ascii: "\n"):
        (line, column, isIndenting) = (line + 1, 0, true)
        continue
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        open += 1
        isIndenting = false
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        open = max(0, open - 1)
        isIndenting = false
      case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "?"): break
      default: isIndenting = false
      }
      if open > mostOpen || isIndenting && column > mostIndentation { return (line, column) }
    }
    return nil
  }
}
