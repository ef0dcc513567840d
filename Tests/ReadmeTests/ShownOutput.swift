// SPDX-License-Identifier: MIT

/// The output that a document shows for a command.
///
/// A line `...` stands for any number of lines, and `...` within a line for any text.
struct ShownOutput {
  private let lines: [String]

  init(_ lines: [String]) {
    var lines = lines
    while lines.last?.isEmpty == true { lines.removeLast() }
    self.lines = lines
  }

  /// What differs from the real output, nil where nothing does.
  func difference(from real: [String]) -> String? {
    var shown = lines[...]
    var rest = real[...]
    var mayOmit = false
    while let line = shown.popFirst() {
      if line.trimmingPrefix(while: \.isWhitespace) == "..." {
        mayOmit = true
        continue
      }
      let found = mayOmit ? rest.firstIndex { Self.matches($0, line) } : rest.indices.first
      guard let found, Self.matches(rest[found], line) else {
        let closest = mayOmit ? Self.closest(to: line, in: rest) : rest.first
        return """
          shown:   \(line)
          printed: \(closest ?? "(nothing more)")\(mayOmit ? "   (the closest of \(rest.count) lines)" : "")
          """
      }
      rest = rest[(found + 1)...]
      mayOmit = false
    }
    guard !mayOmit, let extra = rest.first else { return nil }
    return "shown:   (nothing more)\nprinted: \(extra)"
  }

  /// Whether a line is the one shown, in which `...` stands for any text.
  private static func matches(_ line: String, _ shown: String) -> Bool {
    guard shown.contains("...") else { return line == shown }
    let parts = shown.split(separator: "...", omittingEmptySubsequences: false)
    guard line.hasPrefix(parts[0]) else { return false }
    var rest = line.dropFirst(parts[0].count)
    for part in parts.dropFirst() where !part.isEmpty {
      guard let range = rest.firstRange(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return parts.last?.isEmpty == true || line.hasSuffix(parts[parts.count - 1])
  }

  /// The line with the most words in common.
  private static func closest(to line: String, in lines: ArraySlice<String>) -> String? {
    let words = Set(line.split(separator: " "))
    return lines.max {
      words.intersection($0.split(separator: " ")).count
        < words.intersection($1.split(separator: " ")).count
    }
  }
}
