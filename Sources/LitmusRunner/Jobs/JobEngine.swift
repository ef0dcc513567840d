// SPDX-License-Identifier: MIT

internal import DRM
internal import Litmus

/// Submits jobs of a script to the driver of one node, and returns the bytes that they read.
protocol JobEngine: AnyObject {
  /// The fences of the jobs that it submits.
  var fences: JobFences { get }

  /// Returns the reason why the driver cannot run such a job; nil where it can.
  func lack(of job: ScriptJob, in script: Script) -> String?

  /// The reason why jobs cannot read the zeroes of a new BO; nil where they can.
  var lackOfZeroes: String? { get }

  func submit(_ job: PlannedJob) throws(DRMError)

  /// Waits for the end of a job, and returns the bytes that its reads found.
  ///
  /// - Throws: ETIME where it does not end.
  func wait(for job: Int) throws(DRMError) -> JobOutcome
}

extension ScriptJob {
  /// The limit of a submitted job, in bytes of all its accesses.
  static let mostSubmitted: UInt64 = 1 << 20
  /// The limit of a modelled job, and of all pending jobs of a script, whose bytes are kept in memory.
  static let mostPending: UInt64 = 64 << 20

  /// Whether it waits for a number in memory, or sets one.
  func usesSyncObjects(in script: Script) -> Bool {
    accesses.contains { access in
      switch access.kind {
      case .syncWait: true
      case .write(let number): script.writes[number].value != nil
      case .read: false
      }
    }
  }

  /// Returns the reason why a job is too large to run; nil where it is not.
  func excess(over most: UInt64) -> String? {
    byteCount > most ? "a job that moves more than \(most >> 20) MiB" : nil
  }
}

/// The outcome of a job.
struct JobOutcome {
  /// The bytes that each read found, with the index of its access.
  var reads: [(access: Int, bytes: [UInt8])] = []
  /// The fault, in words; nil for a job that completed.
  var fault: String?
}

/// A job of a script with all that its node needs to submit it.
struct PlannedJob {
  struct Access {
    let buffer: LiveBuffer
    /// The number of the buffer's memory in the script.
    let memory: Int
    /// In bytes.
    let range: Range<UInt64>
    /// The bytes to write; nil to read.
    let bytes: [UInt8]?
    /// The number in memory that the queue waits for; nil for a read or a write.
    let awaited: UInt64?
    /// The number to set; nil for a read and for the write of a pattern.
    let number: UInt64?
    /// The numbers of the writes that a read can see.
    let candidates: [Int]
  }

  /// The job's number in the script.
  let number: Int
  /// The number of its queue in the script.
  let queue: Int
  let accesses: [Access]
  /// The numbers of jobs that must have ended before.
  let after: [Int]
}
