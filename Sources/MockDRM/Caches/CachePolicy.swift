// SPDX-License-Identifier: MIT

/// What the caches of a mock machine are, and what they choose where the architecture leaves a choice.
public struct CachePolicy: Hashable, Sendable {
  /// Whether dirty lines are written back and dropped unasked.
  public var evict: CacheChoice
  /// Whether a dropped line is fetched again at once, so that it goes stale with the next device write.
  public var fill: CacheChoice
  public var invalidate: InvalidationChoice
  /// The bytes of a line: 32, 64 or 128.
  public var lineSize: Int

  /// Creates a policy; the defaults are the strictest: what a client forgets to flush never reaches a device,
  /// and what it forgets to invalidate is never seen.
  public init(
    evict: CacheChoice = .never, fill: CacheChoice = .always,
    invalidate: InvalidationChoice = .lose,
    lineSize: Int = 64
  ) {
    self.evict = evict
    self.fill = fill
    self.invalidate = invalidate
    self.lineSize = lineSize
  }
}
