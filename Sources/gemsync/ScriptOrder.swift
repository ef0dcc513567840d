// SPDX-License-Identifier: MIT

import Fuzzing
import Litmus

/// The order in which scripts run, round after round.
struct ScriptOrder {
  private let scripts: [Script]
  // Nil where each round has the order that the scripts were given in.
  private var dice: SeededRandom?

  /// Takes scripts, and what their order follows from.
  init(_ scripts: [Script], seed: UInt64?) {
    self.scripts = scripts
    dice = seed.map(SeededRandom.init)
  }

  /// Answers the scripts of the next round.
  mutating func next() -> [Script] {
    guard var dice else { return scripts }
    var left = scripts
    // Fisher and Yates, written out: the standard library may draw another way one day.
    for last in stride(from: left.count - 1, to: 0, by: -1) {
      left.swapAt(last, Int(dice.next() % UInt64(last + 1)))
    }
    self.dice = dice
    return left
  }
}
