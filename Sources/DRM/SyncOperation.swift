// SPDX-License-Identifier: MIT

internal import DRMDrivers

/// What one cache maintenance request does to the CPU cache lines that it covers.
public enum SyncKind: UInt32, Hashable, Sendable {
  /// Writes dirty lines back to memory, before the device reads.
  case flush = 0
  /// Writes dirty lines back and invalidates all lines, before the CPU reads what the device wrote.
  case flushAndInvalidate = 1
}

/// One cache maintenance request: a kind and a byte range.
///
/// The range is exact, in bytes from the start of the BO; the kernel widens it to whole cache lines and to
/// nothing more.
public struct SyncOperation: Hashable, Sendable {
  /// What is done to the lines.
  public let kind: SyncKind
  /// The bytes, from the start of the BO.
  public let range: Range<UInt64>

  /// Creates a request.
  public init(_ kind: SyncKind, _ range: Range<UInt64>) {
    self.kind = kind
    self.range = range
  }
}

/// What carries out a sync of a BO that the CPU has mapped.
public enum SyncMethod: String, CaseIterable, Hashable, Sendable {
  /// The driver, with its ioctl: BO_SYNC or SYNC_BO. Drivers refuse it for an imported BO.
  case ioctl
  /// The exporter, through the dma-buf: the whole BO, after a wait for the device.
  case dmaBuf = "dma_buf"
  /// The CPU, with its own instructions: no system call, also on a device that snoops.
  case userland
}

extension BufferObject {
  /// Syncs a byte range by one method only.
  ///
  /// Use ``sync(_:_:)`` or ``BufferMapping/maintain(_:_:)`` where the method is fixed. This function is for
  /// programs that compare methods, or that choose one by ``UserlandCaches/lineSize``. With
  /// ``SyncMethod/dmaBuf``, a BO that is not imported is exported for each call; to avoid that, keep the
  /// ``DMABuf`` and call ``DMABuf/sync(_:)``.
  ///
  /// - Parameters:
  ///   - range: in bytes, from the start of the BO.
  ///   - mapping: a mapping of this BO; only ``SyncMethod/userland`` uses it.
  /// - Throws: EINVAL for a range that ends past the BO, for the driver's call on an imported BO, and for the
  ///   export of an exclusive BO; `outOfRange` and `noUserlandMaintenance` by userland; `needs` and
  ///   `notOffered` where the driver has no such call.
  public func sync(
    _ kind: SyncKind, _ range: Range<UInt64>, by method: SyncMethod,
    mapped mapping: borrowing BufferMapping
  ) throws(DRMError) {
    switch method {
    case .ioctl: try syncByDriver(kind, range)
    case .dmaBuf: try syncByExporter(kind, range)
    case .userland: try mapping.maintain(kind, range)
    }
  }

  /// Syncs by the driver's ioctl only, also an imported BO, which drivers refuse with EINVAL.
  ///
  /// - Throws: `needs` or `notOffered` where the driver has no such call; what the ioctl returned.
  public func syncByDriver(_ kind: SyncKind, _ range: Range<UInt64>) throws(DRMError) {
    try uapi.require(.explicitSync, .syncBuffer, in: file)
    try check(uapi.syncCall?.issue(kind, range, of: handle, in: file) ?? 0)
  }

  private func syncByExporter(_ kind: SyncKind, _ range: Range<UInt64>) throws(DRMError) {
    try requireInBounds(range)
    guard let source else {
      let dmaBuf = try export()
      return try dmaBuf.sync(kind)
    }
    try source.dmaBuf.sync(kind)
  }

  /// Runs a closure on a byte range of a mapping, with the syncs that an access by the CPU requires.
  ///
  /// Before a read the range is flushed and invalidated; after a write it is flushed. The driver's call does
  /// that, or for an imported BO its dma-buf, as a whole. A driver version without such a call has no mapping
  /// that needs it. Jobs that use the range must have ended. The range should be whole cache lines: other
  /// bytes of its lines belong to the CPU during the access too.
  ///
  /// - Parameters:
  ///   - range: in bytes, from the start of the BO; the closure gets these bytes only.
  ///   - mapping: a mapping of this BO, made for writing.
  /// - Throws: EINVAL for a range that ends past the BO; what a sync returned.
  public func withAccess<Result>(
    _ access: CPUAccess, _ range: Range<UInt64>, through mapping: inout BufferMapping,
    _ body: (inout MutableRawSpan) -> Result
  ) throws(DRMError) -> Result {
    try requireInBounds(range)
    if let source {
      try source.dmaBuf.beginAccess(access)
    } else if access != .write {
      try syncIfOffered(.flushAndInvalidate, range)
    }
    let result = try mapping.withMutableBytes(in: range, storing: access != .read, body)
    if let source {
      try source.dmaBuf.endAccess(access)
    } else if access != .read {
      try syncIfOffered(.flush, range)
    }
    return result
  }

  private func syncIfOffered(_ kind: SyncKind, _ range: Range<UInt64>) throws(DRMError) {
    if uapi.features.contains(.explicitSync) { try sync(kind, range) }
  }
}
