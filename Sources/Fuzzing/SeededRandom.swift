// SPDX-License-Identifier: MIT

/// Numbers that look random and follow from a seed, the same on every machine: SplitMix64.
public struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Creates a random source; the same seed gives the same numbers.
  public init(seed: UInt64) {
    state = seed
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }

  /// Returns true in `percent` of 100 cases.
  mutating func chance(_ percent: UInt64) -> Bool {
    next() % 100 < percent
  }

  /// Returns a number from 0 to `limit` - 1.
  mutating func below(_ limit: Int) -> Int {
    limit <= 1 ? 0 : Int(next() % UInt64(limit))
  }

  /// Returns one of the elements; nil where there are none.
  mutating func pick<Elements: RandomAccessCollection>(_ elements: Elements) -> Elements.Element?
  where Elements.Index == Int {
    elements.isEmpty ? nil : elements[elements.startIndex + below(elements.count)]
  }

  /// Returns one of several values.
  mutating func one<Value>(of first: Value, _ others: Value...) -> Value {
    let index = below(others.count + 1)
    return index == 0 ? first : others[index - 1]
  }

  /// Returns one of several values, each with its weight.
  mutating func weighted<Value>(_ first: (Int, Value), _ others: (Int, Value)...) -> Value {
    var rest = below(others.reduce(first.0) { $0 + $1.0 })
    for (weight, value) in others {
      if rest < weight { return value }
      rest -= weight
    }
    return first.1
  }
}
