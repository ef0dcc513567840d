// SPDX-License-Identifier: MIT

internal import Litmus

/// The last write to each byte in script order, to check reads that name the write they see.
///
/// Where two writes are not ordered, a read of their bytes is a finding of its own.
struct LastWrites {
  /// A read that names a write other than the last one ordered before it.
  struct Contradiction: Hashable {
    let read: ReadID
    let named: Int
    let last: Int
  }

  private let named: [ReadID: Int]
  private var maps: [Int: SegmentMap<Int>] = [:]

  init(_ script: Script) {
    named = script.writesNamedByReads
  }

  mutating func allocate(_ memory: Int, size: UInt64) {
    if !named.isEmpty { maps[memory] = SegmentMap(size: size, ScriptAccess.zeroes) }
  }

  mutating func store(_ write: Int, _ memory: Int, _ range: Range<UInt64>) {
    maps[memory]?.update(range) { _, last in last = write }
  }

  /// Compares the write that a read names, if any, with the last one.
  func check(_ read: ReadID, _ memory: Int, _ range: Range<UInt64>) -> [Contradiction] {
    guard let write = named[read] else { return [] }
    var found: Contradiction?
    maps[memory]?.forEach(range) { _, last in
      if last != write, found == nil {
        found = Contradiction(read: read, named: write, last: last)
      }
    }
    return found.map { [$0] } ?? []
  }
}
