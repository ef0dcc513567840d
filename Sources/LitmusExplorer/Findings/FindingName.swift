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
  /// An invalidation discards the zeroes of a new BO, which the kernel wrote through the cache.
  case zeroesLost = "ZEROES_LOST"
  /// A line with other dirty bytes is written back over bytes that a device wrote.
  case falseSharingLine = "FALSE_SHARING_LINE"
  /// A START without an END, or an END without a START.
  case syncUnbalanced = "SYNC_UNBALANCED"
  /// The driver refuses to sync a BO that it did not allocate.
  case syncOnImport = "SYNC_ON_IMPORT"
}
