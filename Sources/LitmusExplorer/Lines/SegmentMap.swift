// SPDX-License-Identifier: MIT

/// A state for every byte of `0..<size`, stored as runs of equal states.
struct SegmentMap<State: Equatable> {
  // The start of each segment; the first one is 0.
  private var starts: [UInt64] = [0]
  private var states: [State]
  private let size: UInt64

  init(size: UInt64, _ state: State) {
    self.size = size
    states = [state]
  }

  /// Changes the state of every byte of a range; calls `body` once for each run of equal states.
  ///
  /// - Returns: the number of calls.
  @discardableResult
  mutating func update(
    _ range: Range<UInt64>, _ body: (Range<UInt64>, inout State) -> Void
  ) -> Int {
    guard !range.isEmpty else { return 0 }
    let first = split(at: range.lowerBound)
    let end = range.upperBound >= size ? starts.count : split(at: range.upperBound)
    for index in first..<end { body(extent(index), &states[index]) }
    join(max(first - 1, 0)..<min(end + 1, starts.count))
    return end - first
  }

  /// Calls `body` for every run of a range.
  func forEach(_ range: Range<UInt64>, _ body: (Range<UInt64>, State) -> Void) {
    guard !range.isEmpty else { return }
    var index = self.index(of: range.lowerBound)
    while index < starts.count, starts[index] < range.upperBound {
      body(extent(index).clamped(to: range), states[index])
      index += 1
    }
  }

  /// Whether all segments' states satisfy a condition.
  func allSatisfy(_ condition: (State) -> Bool) -> Bool { states.allSatisfy(condition) }

  private func extent(_ index: Int) -> Range<UInt64> {
    starts[index]..<(index + 1 < starts.count ? starts[index + 1] : size)
  }

  /// Returns the index of the segment that contains a byte.
  private func index(of byte: UInt64) -> Int {
    var (low, high) = (0, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= byte { low = middle } else { high = middle }
    }
    return low
  }

  /// Splits the segments so that one starts at a byte, and returns its index.
  private mutating func split(at byte: UInt64) -> Int {
    let index = index(of: byte)
    if starts[index] == byte { return index }
    starts.insert(byte, at: index + 1)
    states.insert(states[index], at: index + 1)
    return index + 1
  }

  /// Joins adjacent segments with equal states.
  private mutating func join(_ indices: Range<Int>) {
    guard var kept = indices.first else { return }
    for index in indices.dropFirst() {
      if states[index] == states[kept] { continue }
      kept += 1
      if kept != index {
        starts[kept] = starts[index]
        states[kept] = states[index]
      }
    }
    let surplus = kept + 1..<indices.upperBound
    starts.removeSubrange(surplus)
    states.removeSubrange(surplus)
  }
}
