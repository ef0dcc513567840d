// SPDX-License-Identifier: MIT

/// What came of one way of access to one kind of memory.
public struct AccessOutcome: Hashable, Sendable {
  /// Which way the bytes go.
  public enum Direction: String, CaseIterable, Hashable, Sendable {
    /// The CPU writes and the device reads.
    case toDevice = "to_device"
    /// The device writes and the CPU reads.
    case fromDevice = "from_device"
    /// The CPU reads, and what it had written elsewhere and not flushed must still be there.
    case ownWrites = "own_writes"
    /// The device reads what the CPU had written, and not flushed, before the import.
    case firstUse = "first_use"
  }

  /// What one sync was good for.
  public struct SyncUse: Hashable, Sendable {
    /// Such as `BO_SYNC` or `START|WRITE`.
    public let name: String
    /// Whether bytes were stale without it.
    public let isNeeded: Bool
  }

  public let memory: AccessMemory
  /// Nil for the first use, which is before any access.
  public let way: AccessWay?
  public let direction: Direction
  /// Whether the bytes were fresh with every sync in its place.
  public let isFresh: Bool
  /// The syncs that were issued, in order.
  public let syncs: [SyncUse]
  /// Whether bytes were stale with none of them.
  public let isStaleWithout: Bool
  /// What the kernel maintained meanwhile, in words; nil where nobody could tell.
  public let maintenance: String?

  /// Whether something is wrong: bytes that are stale although nothing was left out.
  public var isWrong: Bool { !isFresh }
}
