// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The caches of a mock machine as far as all memories share them: the policy, and its coins.
final class MockCaches {
  var policy: CachePolicy
  private var memories = 0
  private var events: UInt64 = 0
  // Only kept where lines are evicted unasked.
  private var evictable: [Evictable] = []

  private struct Evictable {
    weak var memory: MockMemory?
  }

  init(_ policy: CachePolicy) {
    self.policy = policy
  }

  /// Takes note of a new memory and answers its number.
  func register(_ memory: MockMemory) -> Int {
    memories += 1
    if policy.evict != .never {
      evictable.removeAll { $0.memory == nil }
      evictable.append(Evictable(memory: memory))
    }
    return memories
  }

  /// Begins an event: what follows is decided by coins of its own.
  func beginEvent() { events &+= 1 }

  /// A call at the seam: time in which lines may be evicted anywhere.
  func beginCall() {
    guard policy.evict != .never else { return }
    for entry in evictable {
      if let memory = entry.memory { memory.evictUnasked(0..<memory.size, isAccessed: false) }
    }
  }

  /// Tosses the coin of the present event for a line: never twice the same for two events, lines or seeds.
  func coin(_ seed: UInt64, memory: Int, line: Int) -> Bool {
    var state = seed &* 0x9e37_79b9_7f4a_7c15
    for value in [events, UInt64(memory), UInt64(line)] {
      state = (state ^ value) &* 0xbf58_476d_1ce4_e5b9
      state ^= state >> 31
    }
    return (state &* 0x94d0_49bb_1331_11eb) >> 63 == 1
  }
}
