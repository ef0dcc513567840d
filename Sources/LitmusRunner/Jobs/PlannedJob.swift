// SPDX-License-Identifier: MIT

/// A job of a script with all that its node must know to submit it.
struct PlannedJob {
  struct Access {
    let buffer: LiveBuffer
    /// The number of the buffer's memory in the script.
    let memory: Int
    /// In bytes.
    let range: Range<UInt64>
    /// What to write; nil to read.
    let bytes: [UInt8]?
    /// The numbers of the writes that a read may come upon.
    let candidates: [Int]
  }

  /// The job's number in the script.
  let number: Int
  /// Its queue's, among those of its node.
  let queue: Int
  let accesses: [Access]
  /// The numbers of jobs that must have ended before.
  let after: [Int]
}
