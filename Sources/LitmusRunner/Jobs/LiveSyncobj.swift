// SPDX-License-Identifier: MIT

internal import DRM

/// A syncobj of a script's node while it runs.
final class LiveSyncobj {
  private let object: Syncobj

  // A job takes milliseconds; a driver gives one that hangs some seconds.
  private static let patience = Duration.seconds(20)

  init?(on node: OpenNode) throws(DRMError) {
    guard let object = try node.node?.createSyncobj() else { return nil }
    self.object = object
  }

  var handle: SyncobjHandle { object.handle }

  func wait() throws(DRMError) { try object.wait(until: .after(Self.patience)) }

  func exportFence() throws(DRMError) -> SyncFile { try object.exportFence() }

  func importFence(_ fence: borrowing SyncFile) throws(DRMError) { try object.importFence(fence) }
}
