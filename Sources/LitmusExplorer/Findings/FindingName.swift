// SPDX-License-Identifier: MIT

/// What is wrong with a script's cache maintenance.
public enum FindingName: String, CaseIterable, Hashable, Sendable {
  /// A device reads what the CPU wrote and nobody cleaned.
  case missingFlush = "MISSING_FLUSH"
  /// The CPU reads a line that it has from before a device wrote it.
  case missingInvalidate = "MISSING_INVALIDATE"
  /// The line was dropped before the job that writes it, and could be fetched again before it ran.
  case invalidateTooEarly = "INVALIDATE_TOO_EARLY"
  /// A read or a write is not ordered with another one that a device may be doing.
  case missingWait = "MISSING_WAIT"
  /// The line was dropped while the job that writes it may not have run.
  case syncBeforeWait = "SYNC_BEFORE_WAIT"
  /// A dirty line was written back over what a device wrote.
  case deviceWriteLost = "DEVICE_WRITE_LOST"
  /// An invalidation dropped what the CPU wrote.
  case cpuWriteLost = "CPU_WRITE_LOST"
  /// A line that was dirty by its other bytes was written back over what a device wrote.
  case falseSharingLine = "FALSE_SHARING_LINE"
  /// A CPU access was begun and not ended, or ended and not begun.
  case syncUnbalanced = "SYNC_UNBALANCED"
  /// The driver refuses to sync a BO that it did not allocate.
  case syncOnImport = "SYNC_ON_IMPORT"

  /// What to do about it, in one sentence.
  public var advice: String {
    switch self {
    case .missingFlush: "flush the range after the write and before the submission"
    case .missingInvalidate: "flush and invalidate the range after the wait and before the read"
    case .invalidateTooEarly:
      "invalidate after the wait: until the job has run, the line may be fetched again"
    case .missingWait: "wait for the job, or make one job wait for the other"
    case .syncBeforeWait: "wait first and sync then: the device may write after the sync"
    case .deviceWriteLost:
      "flush the line before the submission, and do not write to it until the wait"
    case .cpuWriteLost: "flush or end the access before lines are dropped"
    case .falseSharingLine:
      "keep what the device writes on lines of its own, or leave its line alone until the wait"
    case .syncUnbalanced: "pair each begin with an end"
    case .syncOnImport: "sync an imported BO through its dma-buf, by begin and end"
    }
  }
}
