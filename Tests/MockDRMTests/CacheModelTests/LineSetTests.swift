// SPDX-License-Identifier: MIT

import Fuzzing
import Testing

@testable import MockDRM

@Suite struct LineSetTests {
  @Test func isASetOfPositions() {
    var random = SeededRandom(seed: 7)
    var set = LineSet()
    var expected: Set<Int> = []
    for _ in 0..<2000 {
      let start = Int.random(in: 0..<60, using: &random)
      let range = start..<start + Int.random(in: 0..<8, using: &random)
      if Bool.random(using: &random) {
        set.insert(range)
        expected.formUnion(range)
      } else {
        set.remove(range)
        expected.subtract(range)
      }
      #expect(set.ranges.flatMap { $0 } == expected.sorted())
      #expect(zip(set.ranges, set.ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
      #expect(set.ranges.allSatisfy { !$0.isEmpty } && set.isEmpty == expected.isEmpty)
      #expect(set.parts(in: range).flatMap { $0 } == expected.intersection(range).sorted())
      #expect(set.gaps(in: range).flatMap { $0 } == Set(range).subtracting(expected).sorted())
      #expect(set.contains(start) == expected.contains(start))
    }
  }
}
