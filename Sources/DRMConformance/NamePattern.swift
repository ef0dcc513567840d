// SPDX-License-Identifier: MIT

/// A pattern of ids: an id, a prefix of whole parts, or a text in which `*` matches any characters.
public struct NamePattern: Hashable, Sendable {
  public let text: String

  /// Creates a pattern.
  public init(_ text: String) { self.text = text }

  /// Whether the pattern matches an id.
  public func matches(_ id: String) -> Bool {
    id == text || id.hasPrefix(text + ".")
      || text.contains("*") && Self.matches(Array(id.utf8), Array(text.utf8))
  }

  /// Matches without recursion, so that many `*` cost no more than the product of the lengths.
  private static func matches(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
    let star = UInt8(ascii: "*")
    var (at, place) = (0, 0)
    // Where the last `*` is, and where its text ends so far.
    var retry: (place: Int, at: Int)?
    while at < text.count {
      if place < pattern.count, pattern[place] == star {
        retry = (place, at)
        place += 1
      } else if place < pattern.count, pattern[place] == text[at] {
        (at, place) = (at + 1, place + 1)
      } else if let last = retry {
        retry = (last.place, last.at + 1)
        (at, place) = (last.at + 1, last.place + 1)
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == star }
  }
}
