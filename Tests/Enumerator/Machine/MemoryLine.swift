// SPDX-License-Identifier: MIT

/// A cache line of a script's memory.
struct MemoryLine: Hashable, Comparable, Sendable {
  /// In bytes; what the mock has unless told otherwise.
  static let size: UInt64 = 64

  /// As ``Scripting/Script/memory(of:)`` numbers it.
  let memory: Int
  /// Counted from the memory's begin.
  let index: UInt64

  /// In bytes of the memory.
  var bytes: Range<UInt64> { index * Self.size..<(index + 1) * Self.size }

  /// The lines that a range touches.
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
