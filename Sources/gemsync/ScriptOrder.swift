// SPDX-License-Identifier: MIT

import Scripting

/// The order in which scripts run, round after round.
struct ScriptOrder {
  private let scripts: [Script]
  // SplitMix64; nil where each round has the order that the scripts were given in.
  private var state: UInt64?

  /// Takes scripts, and what their order follows from.
  init(_ scripts: [Script], seed: UInt64?) {
    self.scripts = scripts
    state = seed
  }

  /// Answers the scripts of the next round.
  mutating func next() -> [Script] {
    guard state != nil else { return scripts }
    var left = scripts
    // Fisher and Yates, written out: the standard library may draw another way one day.
    for last in stride(from: left.count - 1, to: 0, by: -1) {
      left.swapAt(last, Int(draw() % UInt64(last + 1)))
    }
    return left
  }

  private mutating func draw() -> UInt64 {
    let next = (state ?? 0) &+ 0x9e37_79b9_7f4a_7c15
    state = next
    var value = next
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }
}
