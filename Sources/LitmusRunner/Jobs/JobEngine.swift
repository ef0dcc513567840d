// SPDX-License-Identifier: MIT

internal import DRM
internal import Litmus

/// Submits jobs of a script to the driver of one node, and tells what they have read.
protocol JobEngine: AnyObject {
  /// Why no such job can be submitted to the driver; nil where it can.
  func lack(of job: ScriptJob, in script: Script) -> String?

  /// Why it cannot read bytes that nobody has written; nil where it can.
  var lackOfZeroes: String? { get }

  func submit(_ job: PlannedJob) throws(DRMError)

  /// Waits for the end of a job, and answers what its reads found, by the access.
  ///
  /// - Throws: ETIME where it does not end.
  func wait(for job: Int) throws(DRMError) -> JobOutcome

  /// Answers the fence of a job that was submitted, for a job of another node.
  func exportFence(of job: Int) throws(DRMError) -> SyncFile?

  /// Lets jobs submitted from now on wait for another node's fence too.
  func importFence(_ fence: borrowing SyncFile, before job: Int) throws(DRMError)
}

/// How a job ended.
struct JobOutcome {
  /// By the access, what a read found.
  var reads: [(access: Int, bytes: [UInt8])] = []
  /// What went wrong, in words; nil for a job that ended well.
  var fault: String?
}
