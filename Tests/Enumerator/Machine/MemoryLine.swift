// SPDX-License-Identifier: MIT

/// A cache line of a script's memory.
struct MemoryLine: Hashable, Comparable, Sendable {
  /// In bytes; the mock's default.
  static let size: UInt64 = 64

  /// The number of the memory, as in ``Litmus/Script/memory(of:)``.
  let memory: Int
  /// Counted from the start of the memory.
  let index: UInt64

  /// The range of the line in the memory, in bytes.
  var bytes: Range<UInt64> { index * Self.size..<(index + 1) * Self.size }

  /// Returns the lines that a range touches.
  static func touched(by range: Range<UInt64>, in memory: Int) -> [MemoryLine] {
    guard !range.isEmpty else { return [] }
    return (range.lowerBound / size...(range.upperBound - 1) / size).map {
      MemoryLine(memory: memory, index: $0)
    }
  }

  static func < (one: MemoryLine, other: MemoryLine) -> Bool {
    (one.memory, one.index) < (other.memory, other.index)
  }
}
