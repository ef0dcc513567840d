// SPDX-License-Identifier: MIT

internal import DRM

/// A public way of the client to let the CPU access a BO beside the device.
public enum AccessWay: String, CaseIterable, Hashable, Sendable {
  /// `BufferObject.sync(_:_:)`.
  case sync
  /// `BufferObject.sync(for:_:_:)`, the form of the series.
  case proposed
  /// `SyncBatch` and `DRMNode.sync(_:)`.
  case batch
  /// `BufferObject.withAccess(_:_:through:_:)`.
  case access
  /// `DMABuf.withAccess(_:through:_:)`.
  case dmaBuf = "dma_buf"
  /// `BufferMapping.maintain(_:_:)`.
  case userland

  /// Whether it can be taken to such memory: drivers refuse batches for imports.
  func isOffered(for memory: AccessMemory) -> Bool { self != .batch || !memory.isImported }
}
