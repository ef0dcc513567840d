// SPDX-License-Identifier: MIT

internal import DRMDrivers

extension BufferObject {
  /// Lets the CPU access a byte range of the BO through a mapping of it, with the syncs that this takes.
  ///
  /// Before a read the range is flushed and invalidated, after a write it is flushed: by the driver's call, or
  /// through the dma-buf of an imported BO, as a whole. Jobs that use the range must have ended, and the range
  /// should be whole cache lines: what shares a line with it is the CPU's meanwhile too. A driver before it had
  /// such a call maps nothing that would need it.
  ///
  /// - Parameters:
  ///   - range: in bytes; `body` is lent these bytes alone.
  ///   - mapping: of this BO, made for writing.
  /// - Throws: EINVAL for a range that ends past the BO.
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
    if driver.features.contains(.explicitSync) { try sync(kind, range) }
  }
}
