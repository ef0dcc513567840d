// SPDX-License-Identifier: MIT

internal import Fuzzing
internal import ArgumentParser

/// Which devices of made-up scripts snoop the CPU's caches.
enum Coherency: String, CaseIterable, ExpressibleByArgument {
  case none, all, mixed

  /// Whether one does; by chance where it is mixed, the same for the same seed and number.
  func isCoherent(_ seed: UInt64, _ number: Int, node: Int) -> Bool {
    switch self {
    case .none: return false
    case .all: return true
    case .mixed:
      var random = SeededRandom(seed: seed &+ UInt64(number * 8 + node) &* 0x51_7cc1)
      return random.chance(50)
    }
  }
}
