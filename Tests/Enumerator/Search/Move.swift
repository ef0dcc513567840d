// SPDX-License-Identifier: MIT

internal import DRMKernel

/// Something that may happen next.
enum Move: Hashable {
  /// The CPU's next step, with what becomes of lines that it invalidates, and what happens while it waits.
  case step(InvalidationOutcome, whileWaiting: [Move])
  /// The next access of a job.
  case access(job: Int)
  case evict(MemoryLine)
  case fill(MemoryLine)
}
