// SPDX-License-Identifier: MIT

/// How often caches do by themselves what they may do at any time.
public enum CacheChoice: Hashable, Sendable {
  case never
  case always
  /// By a coin for each event and line, the same in each run of the same calls.
  case seeded(UInt64)
}

/// What becomes of dirty lines that are invalidated.
public enum InvalidationChoice: Hashable, Sendable {
  /// Their bytes are lost.
  case lose
  /// Their bytes reach memory first.
  case writeBack
  /// One or the other, by a coin for each event and line.
  case seeded(UInt64)
}
