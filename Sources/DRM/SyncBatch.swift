// SPDX-License-Identifier: MIT

/// Sync operations on any BOs of one node, issued as one ioctl.
///
/// A batch names BOs by handle. Keep each BO until the batch is issued: the kernel answers ENOENT for a
/// handle that was closed, and syncs another BO if the number was given out again.
public struct SyncBatch: Sendable {
  /// An operation in the layout that panthor takes as it stands: handle, type, offset, size.
  struct Entry: BitwiseCopyable {
    let handle: UInt32
    let kind: UInt32
    let offset: UInt64
    let size: UInt64
  }

  private(set) var entries: [Entry] = []

  /// Creates an empty batch that takes `capacity` operations without growing.
  public init(capacity: Int = 0) {
    entries.reserveCapacity(capacity)
  }

  /// How many operations it holds.
  public var count: Int { entries.count }

  /// Adds an operation; it takes effect when the batch is issued.
  ///
  /// - Throws: `importedInBatch` for an imported BO: its call would be refused, and the batch cut short.
  public mutating func append(
    _ operation: SyncOperation, on buffer: borrowing BufferObject
  ) throws(DRMError) {
    guard !buffer.isImported else {
      throw DRMError(
        operation: .syncBuffer, reason: .importedInBatch, subject: .handle(buffer.handle))
    }
    entries.append(
      Entry(
        handle: buffer.handle.rawValue, kind: operation.kind.rawValue,
        offset: operation.range.lowerBound,
        size: operation.range.upperBound - operation.range.lowerBound))
  }

  /// Forgets all operations and keeps the room they took.
  public mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
  }
}
