// SPDX-License-Identifier: MIT

/// A set of lines of a memory, as byte ranges: ascending, not empty, not adjacent.
///
/// Time and memory depend on the number of ranges only.
struct LineSet {
  private(set) var ranges: [Range<Int>]

  /// Creates a set with the lines of a range, which may be empty.
  init(_ range: Range<Int> = 0..<0) {
    ranges = range.isEmpty ? [] : [range]
  }

  var isEmpty: Bool { ranges.isEmpty }

  func contains(_ position: Int) -> Bool {
    let index = firstIndex { $0.upperBound > position }
    return index < ranges.count && ranges[index].lowerBound <= position
  }

  /// Returns the parts of a range that are in the set, ascending.
  func parts(in range: Range<Int>) -> [Range<Int>] {
    guard !ranges.isEmpty, !range.isEmpty else { return [] }
    var parts: [Range<Int>] = []
    var index = firstIndex { $0.upperBound > range.lowerBound }
    while index < ranges.count, ranges[index].lowerBound < range.upperBound {
      parts.append(ranges[index].clamped(to: range))
      index += 1
    }
    return parts
  }

  /// Returns the parts of a range that are not in the set, ascending.
  func gaps(in range: Range<Int>) -> [Range<Int>] {
    var gaps: [Range<Int>] = []
    var start = range.lowerBound
    for part in parts(in: range) {
      if start < part.lowerBound { gaps.append(start..<part.lowerBound) }
      start = part.upperBound
    }
    if start < range.upperBound { gaps.append(start..<range.upperBound) }
    return gaps
  }

  mutating func insert(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    let first = firstIndex { $0.upperBound >= range.lowerBound }
    let end = firstIndex { $0.lowerBound > range.upperBound }
    guard first < end else { return ranges.insert(range, at: first) }
    let merged =
      min(
        range.lowerBound, ranges[first].lowerBound)..<max(
        range.upperBound, ranges[end - 1].upperBound)
    ranges.replaceSubrange(first..<end, with: CollectionOfOne(merged))
  }

  mutating func remove(_ range: Range<Int>) {
    guard !range.isEmpty, !ranges.isEmpty else { return }
    let first = firstIndex { $0.upperBound > range.lowerBound }
    let end = firstIndex { $0.lowerBound >= range.upperBound }
    guard first < end else { return }
    let rest = [
      ranges[first].lowerBound..<max(ranges[first].lowerBound, range.lowerBound),
      min(ranges[end - 1].upperBound, range.upperBound)..<ranges[end - 1].upperBound,
    ]
    ranges.replaceSubrange(first..<end, with: rest.filter { !$0.isEmpty })
  }

  mutating func removeAll() { ranges.removeAll() }

  /// Returns the index of the first range for which a condition holds; it must hold for all later ones.
  private func firstIndex(where holds: (Range<Int>) -> Bool) -> Int {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if holds(ranges[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
