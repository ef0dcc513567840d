// SPDX-License-Identifier: MIT

/// A set of possible states of one byte and its line, as bits.
///
/// A line is absent, clean or dirty. The copies of the byte in the cache and in memory are each fresh (the last
/// write) or stale: ten states. Evictions and fills can happen at any time, so every set is closed under them.
struct LineStates: Hashable {
  var bits: UInt16

  static let count = 10

  /// The state of an absent line, with fresh or stale memory.
  static func absent(_ memory: Bool) -> Int { memory ? 1 : 0 }
  static func clean(_ cpu: Bool, _ memory: Bool) -> Int { 2 + (cpu ? 2 : 0) + (memory ? 1 : 0) }
  static func dirty(_ cpu: Bool, _ memory: Bool) -> Int { 6 + (cpu ? 2 : 0) + (memory ? 1 : 0) }

  /// Returns a state's parts; an absent line has no copy.
  static func parts(_ state: Int) -> (isPresent: Bool, isDirty: Bool, cpu: Bool, memory: Bool) {
    let memory = state & 1 != 0
    return state < 2
      ? (false, false, false, memory) : (true, state >= 6, (state - 2) & 2 != 0, memory)
  }

  /// Zeroes that were written through the cache and are not in memory yet.
  static let new = LineStates(bits: closure(1 << dirty(true, false)))

  /// Adds all states that evictions and fills lead to.
  static func closure(_ bits: UInt16) -> UInt16 {
    var result = bits
    while true {
      var next = result
      for state in 0..<count where result & 1 << state != 0 {
        let (isPresent, isDirty, cpu, memory) = parts(state)
        let after =
          isPresent ? absent(isDirty ? cpu : memory) : clean(memory, memory)
        next |= 1 << after
      }
      if next == result { return result }
      result = next
    }
  }
}

/// An operation as a table from each set of states to the set it leads to.
struct LineTable: Sendable {
  private let table: [UInt16]

  /// Creates the table of an operation from the states that each state leads to.
  init(_ step: (Int) -> [Int]) {
    let single = (0..<LineStates.count).map { state in
      step(state).reduce(into: 0 as UInt16) { $0 |= 1 << $1 }
    }
    table = (0..<1 << LineStates.count).map { set in
      let reached = single.indices.reduce(0 as UInt16) {
        $0 | (set & 1 << $1 != 0 ? single[$1] : 0)
      }
      return LineStates.closure(reached)
    }
  }

  func callAsFunction(_ states: LineStates) -> LineStates {
    LineStates(bits: table[Int(states.bits)])
  }
}
