// SPDX-License-Identifier: MIT

/// Sync operations on any BOs of one node, issued as one ioctl.
///
/// A batch names BOs by handle. Keep each BO until the batch is issued: the kernel returns ENOENT for a handle
/// that was closed, and syncs another BO if the number was reused.
public struct SyncBatch: Sendable {
  /// An operation in panthor's layout: handle, type or flags, offset, size.
  struct Entry: BitwiseCopyable {
    let handle: UInt32
    /// A type in the merged ABI, flags in the series.
    let type: UInt32
    let offset: UInt64
    let size: UInt64
  }

  private(set) var entries: [Entry] = []
  /// The ABI variant that the entries are encoded in.
  private(set) var abi = SyncABI.merged

  /// Creates an empty batch with room for `capacity` operations.
  public init(capacity: Int = 0) {
    entries.reserveCapacity(capacity)
  }

  /// The number of operations in the ioctl; for a series kernel a flush-and-invalidate is two.
  public var count: Int { entries.count }

  /// Adds an operation; it takes effect when the batch is issued.
  ///
  /// - Throws: `importedInBatch` for an imported BO, because its driver would refuse it and skip the rest;
  ///   `otherSyncABI` for a BO of a node with another ABI variant than those before.
  public mutating func append(
    _ operation: SyncOperation, on buffer: borrowing BufferObject
  ) throws(DRMError) {
    try refuseImported(buffer)
    try append(operation, onHandleOf: buffer)
  }

  /// Adds an operation, also on an imported BO, to observe how the driver refuses it.
  ///
  /// - Throws: `otherSyncABI`, as ``append(_:on:)``.
  public mutating func append(
    _ operation: SyncOperation, onHandleOf buffer: borrowing BufferObject
  ) throws(DRMError) {
    if buffer.abi == .merged, abi == .merged {
      // The usual case needs no encoding.
      return add(operation.kind.rawValue, operation.range, buffer.handle)
    }
    try adopt(buffer)
    let encoded = abi.encoding(of: operation.kind)
    add(encoded.first, operation.range, buffer.handle)
    if let second = encoded.second { add(second, operation.range, buffer.handle) }
  }

  /// Removes all operations and keeps the memory for as many.
  public mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
  }

  /// Adopts the ABI variant of a BO's node; a batch has one variant only.
  mutating func adopt(_ buffer: borrowing BufferObject) throws(DRMError) {
    if buffer.abi == abi { return }
    guard entries.isEmpty else { throw Self.refusal(.otherSyncABI, buffer) }
    abi = buffer.abi
  }

  mutating func add(_ type: UInt32, _ range: Range<UInt64>, _ handle: GEMHandle) {
    entries.append(
      Entry(
        handle: handle.rawValue, type: type, offset: range.lowerBound,
        size: range.upperBound - range.lowerBound))
  }

  func refuseImported(_ buffer: borrowing BufferObject) throws(DRMError) {
    guard buffer.source == nil else { throw Self.refusal(.importedInBatch, buffer) }
  }

  private static func refusal(
    _ reason: DRMError.Reason, _ buffer: borrowing BufferObject
  ) -> DRMError {
    DRMError(operation: .syncBuffer, reason: reason, subject: .handle(buffer.handle))
  }
}
