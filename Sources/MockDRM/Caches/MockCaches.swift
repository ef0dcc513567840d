// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The state of a machine's caches that all memories share: the policy and its random choices.
final class MockCaches {
  var policy: CachePolicy
  private var memories = 0
  private var events: UInt64 = 0
  // Empty where the policy never evicts spontaneously.
  private var evictable: [Evictable] = []

  private struct Evictable {
    weak var memory: MockMemory?
  }

  init(_ policy: CachePolicy) {
    self.policy = policy
  }

  /// Registers a new memory and returns its number.
  func register(_ memory: MockMemory) -> Int {
    memories += 1
    if policy.evict != .never {
      evictable.removeAll { $0.memory == nil }
      evictable.append(Evictable(memory: memory))
    }
    return memories
  }

  /// Starts an event, which has random choices of its own.
  func beginEvent() { events &+= 1 }

  /// Starts a system call, before which the policy may evict lines of any memory.
  func beginCall() {
    guard policy.evict != .never else { return }
    for entry in evictable {
      if let memory = entry.memory { memory.evictSpontaneously(0..<memory.size, isAccessed: false) }
    }
  }

  /// Returns the random choice for a line in the current event; depends on event, line and seed alone.
  func randomChoice(_ seed: UInt64, memory: Int, line: Int) -> Bool {
    var state = seed &* 0x9e37_79b9_7f4a_7c15
    for value in [events, UInt64(memory), UInt64(line)] {
      state = (state ^ value) &* 0xbf58_476d_1ce4_e5b9
      state ^= state >> 31
    }
    return (state &* 0x94d0_49bb_1331_11eb) >> 63 == 1
  }
}
