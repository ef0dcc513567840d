// SPDX-License-Identifier: MIT

/// One thing that a step of a script does to memory, or to what the CPU knows of jobs.
struct MicroOperation {
  enum Kind {
    /// Memory comes to be: its zeroes were written through the cache.
    case begin(memory: Int)
    /// The CPU stores or loads, through the cache or past it.
    case store(memory: Int, Range<UInt64>, write: Int, isCached: Bool)
    case load(memory: Int, Range<UInt64>, isCached: Bool)
    case maintain(memory: Int, Range<UInt64>, Maintenance)
    case submit(job: Int)
    case wait(job: Int)
    /// Waits for all jobs whose fences the memory carries.
    case waitForFences(memory: Int)
  }

  /// What is done to lines.
  enum Maintenance: Hashable {
    case clean
    case cleanAndInvalidate
    /// Lines that are covered only in part are cleaned first.
    case invalidate
  }

  /// The step it belongs to, by its index.
  let step: Int
  let kind: Kind
}
