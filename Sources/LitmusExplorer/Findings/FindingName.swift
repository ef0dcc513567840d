// SPDX-License-Identifier: MIT

/// The kinds of faults in a script's cache maintenance.
public enum FindingName: String, CaseIterable, Hashable, Sendable {
  /// A device reads bytes that the CPU wrote and that were not cleaned.
  case missingFlush = "MISSING_FLUSH"
  /// The CPU reads a line that was cached before a device wrote it.
  case missingInvalidate = "MISSING_INVALIDATE"
  /// The line is invalidated before the submission of the job that writes it, and can be fetched again.
  case invalidateTooEarly = "INVALIDATE_TOO_EARLY"
  /// A read or a write is not ordered with an access of a job.
  case missingWait = "MISSING_WAIT"
  /// The line is invalidated while the job that writes it can still be pending.
  case syncBeforeWait = "SYNC_BEFORE_WAIT"
  /// A dirty line is written back over bytes that a device wrote.
  case deviceWriteLost = "DEVICE_WRITE_LOST"
  /// An invalidation discards bytes that the CPU wrote.
  case cpuWriteLost = "CPU_WRITE_LOST"
  /// A line with other dirty bytes is written back over bytes that a device wrote.
  case falseSharingLine = "FALSE_SHARING_LINE"
  /// A START without an END, or an END without a START.
  case syncUnbalanced = "SYNC_UNBALANCED"
  /// The driver refuses to sync a BO that it did not allocate.
  case syncOnImport = "SYNC_ON_IMPORT"

  /// The repair, in one sentence.
  public var advice: String {
    switch self {
    case .missingFlush: "flush the range after the write and before the submission"
    case .missingInvalidate: "flush and invalidate the range after the wait and before the read"
    case .invalidateTooEarly:
      "invalidate after the wait: before that, the cache can fetch the line again"
    case .missingWait: "wait for the job, or make one job wait for the other"
    case .syncBeforeWait: "sync after the wait: before that, the device can still write"
    case .deviceWriteLost:
      "flush the line before the submission, and do not write to it before the wait"
    case .cpuWriteLost: "flush the range, or end the CPU access, before the invalidation"
    case .falseSharingLine:
      "put the bytes that the device writes on separate cache lines, or do not write to their lines before "
        + "the wait"
    case .syncUnbalanced: "pair each begin with an end"
    case .syncOnImport: "sync an imported BO through its dma-buf, with begin and end"
    }
  }
}
