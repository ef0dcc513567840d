// SPDX-License-Identifier: MIT

/// Numbers that look random and follow from a seed, the same on every machine: SplitMix64.
public struct Dice: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Creates dice; the same seed gives the same numbers.
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

  /// Whether something happens that happens in so many of a hundred cases.
  mutating func chance(_ percent: UInt64) -> Bool {
    next() % 100 < percent
  }

  /// A number from 0 up to, and without, a limit.
  mutating func below(_ limit: Int) -> Int {
    limit <= 1 ? 0 : Int(next() % UInt64(limit))
  }

  /// One element; nil where there is none.
  mutating func pick<Elements: RandomAccessCollection>(_ elements: Elements) -> Elements.Element?
  where Elements.Index == Int {
    elements.isEmpty ? nil : elements[elements.startIndex + below(elements.count)]
  }

  /// One of several values.
  mutating func one<Value>(of first: Value, _ others: Value...) -> Value {
    let index = below(others.count + 1)
    return index == 0 ? first : others[index - 1]
  }

  /// One of several values, each as often as its weight says.
  mutating func weighted<Value>(_ first: (Int, Value), _ others: (Int, Value)...) -> Value {
    var rest = below(others.reduce(first.0) { $0 + $1.0 })
    for (weight, value) in others {
      if rest < weight { return value }
      rest -= weight
    }
    return first.1
  }
}
