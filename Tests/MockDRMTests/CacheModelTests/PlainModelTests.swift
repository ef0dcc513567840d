// SPDX-License-Identifier: MIT

import Fuzzing
import DRMKernel
import Testing

@testable import MockDRM

/// Comparison of a memory with the plain model after random operations.
@Suite struct PlainModelTests {
  // Several pages, so that some are not allocated at first.
  private static let size = 6 * 4096

  @Test(arguments: [32, 64, 128], [1, 2, 3, 4] as [UInt64])
  func aMemoryAgreesWithThePlainModel(_ lineSize: Int, _ seed: UInt64) throws {
    let caches = MockCaches(CachePolicy(fill: .never, lineSize: lineSize))
    let memory = MockMemory(
      MemoryImages(size: Self.size), isWriteCombining: false, caches: caches)
    var plain = PlainLines(size: Self.size, lineSize: lineSize)
    var random = SeededRandom(seed: seed)
    for step in 0..<400 {
      let start = Int.random(in: 0..<Self.size, using: &random)
      let length = Int.random(in: 1...(step.isMultiple(of: 50) ? 2048 : 200), using: &random)
      let range = start..<min(start + length, Self.size)
      let isCoherent = Bool.random(using: &random)
      let bytes = [UInt8](repeating: UInt8.random(in: 0...3, using: &random), count: range.count)
      switch Int.random(in: 0..<9, using: &random) {
      case 0:
        memory.clean(range)
        plain.clean(range)
      case 1:
        plain.outcome = Bool.random(using: &random) ? .lose : .writeBack
        caches.policy.invalidate = plain.outcome == .lose ? .lose : .writeBack
        memory.invalidate(range)
        plain.invalidate(range)
      case 2:
        memory.evict(range)
        plain.evict(range)
      case 3:
        memory.fill(range)
        plain.fill(range)
      case 4, 5:
        plain.fill(range)
        memory.images.write(bytes[...], at: start, of: .cpu)
        memory.cpuWrote(range)
        plain.store(bytes, at: start)
      case 6:
        // Unmarked, so every byte must change.
        let others = memory.images.bytes(range, of: .cpu).map { $0 &+ 1 }
        memory.images.write(others[...], at: start, of: .cpu)
        // Found by comparison before memory changes.
        memory.findStores(in: memory.lines(touching: range))
        plain.store(others, at: start)
      case 7:
        memory.deviceWrites(bytes, at: start, isCoherent: isCoherent)
        plain.deviceWrites(bytes, at: start, isCoherent: isCoherent)
      default:
        let seen = memory.deviceReads(range, isCoherent: isCoherent)
        try #require(seen == plain.deviceReads(range, isCoherent: isCoherent))
      }
      // Describing lines records stores, so some runs describe them at the end only.
      guard (step + 1).isMultiple(of: seed.isMultiple(of: 2) ? 400 : 20) else { continue }
      try #require(memory.describeLines(touching: 0..<Self.size) == plain.described)
    }
  }
}
