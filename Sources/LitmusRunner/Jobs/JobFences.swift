// SPDX-License-Identifier: MIT

internal import DRM

/// The fences of one node's jobs: a syncobj for each job, and fences of other nodes that jobs wait for.
final class JobFences {
  private unowned let node: OpenNode
  private var submitted = NumberedItems<LiveSyncobj>()
  private var imported = NumberedItems<[LiveSyncobj]>()
  private var submissions = 0

  init(on node: OpenNode) {
    self.node = node
  }

  /// Returns the syncobjs that a job must wait for.
  func waits(of job: PlannedJob) -> [LiveSyncobj] {
    job.after.compactMap { submitted[$0] } + (imported[job.number] ?? [])
  }

  /// Creates the syncobj that a job signals; nil where the node is not a DRM node.
  func createSyncobj() throws(DRMError) -> LiveSyncobj? { try LiveSyncobj(on: node) }

  /// Notes that a job was submitted with its syncobj, in a number of submissions.
  func add(_ syncobj: LiveSyncobj, of job: Int, submissions: Int) {
    submitted[job] = syncobj
    self.submissions += submissions
  }

  /// Waits for the end of a submitted job.
  ///
  /// - Throws: ETIME where it does not end.
  func wait(for job: Int) throws(DRMError) {
    // A submission takes milliseconds; a driver kills a hanging one after some seconds.
    try submitted[job]?.wait(.seconds(20) + .milliseconds(10) * submissions)
  }

  /// Returns the fence of a submitted job, for a job of another node.
  func exportFence(of job: Int) throws(DRMError) -> SyncFile? {
    try submitted[job]?.exportFence()
  }

  /// Makes a job that is submitted later wait for another node's fence.
  func importFence(_ fence: borrowing SyncFile, before job: Int) throws(DRMError) {
    guard let syncobj = try LiveSyncobj(on: node) else { return }
    try syncobj.importFence(fence)
    imported[job] = (imported[job] ?? []) + [syncobj]
  }
}

/// A syncobj of a script's node.
final class LiveSyncobj {
  private let object: Syncobj

  init?(on node: OpenNode) throws(DRMError) {
    guard let object = try node.node?.createSyncobj() else { return nil }
    self.object = object
  }

  var handle: SyncobjHandle { object.handle }

  func wait(_ timeout: Duration) throws(DRMError) { try object.wait(until: .after(timeout)) }

  func exportFence() throws(DRMError) -> SyncFile { try object.exportFence() }

  func importFence(_ fence: borrowing SyncFile) throws(DRMError) { try object.importFence(fence) }
}
