// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

extension BufferMapping {
  /// Maintains the cache lines of a byte range by the CPU's own instructions, and waits for the end of it.
  ///
  /// A flush cleans lines; a flush-and-invalidate drops them too. Whole lines are maintained, of
  /// ``UserlandCaches/lineSize`` bytes. Nobody asks whether that is needed: on a coherent device it is time
  /// wasted, on a WC mapping there are no lines. The device must not be at the lines meanwhile.
  ///
  /// - Parameter range: in bytes, from the start of the mapping.
  /// - Throws: `outOfRange` for a range that does not lie within the mapping; `noUserlandMaintenance` where
  ///   the CPU lets no process do this.
  public func maintain(_ kind: SyncKind, _ range: Range<UInt64>) throws(DRMError) {
    guard range.upperBound <= UInt64(length) else {
      throw DRMError(operation: .syncBuffer, reason: .outOfRange, subject: subject)
    }
    let answer = kernel.maintainCaches(
      kind == .flush ? .clean : .cleanAndInvalidate, address + Int(range.lowerBound),
      length: range.count)
    guard answer >= 0 else {
      guard Errno(answer: answer) == .ENOSYS else {
        throw DRMError.make(.syncBuffer, answer: answer, subject)
      }
      throw DRMError(operation: .syncBuffer, reason: .noUserlandMaintenance, subject: subject)
    }
  }

  /// Maintains a byte range for an access, as ``BufferObject/sync(for:_:_:)`` does by the driver.
  public func maintain(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>
  ) throws(DRMError) {
    guard let kind = SyncKind(for: accessor, access) else {
      guard range.upperBound <= UInt64(length) else {
        throw DRMError(operation: .syncBuffer, reason: .outOfRange, subject: subject)
      }
      return
    }
    try maintain(kind, range)
  }

  /// Loads a byte of each page that a byte range touches, so that all of them are there.
  ///
  /// - Throws: `outOfRange` for a range that does not lie within the mapping.
  public func touchPages(of range: Range<UInt64>) throws(DRMError) {
    try requireInBounds(range, .readBytes)
    guard !range.isEmpty else { return }
    let page = UInt64(kernel.pageSize)
    try withBytes(in: range.lowerBound / page * page..<range.upperBound) { bytes in
      unsafe bytes.withUnsafeBytes { bytes in
        unsafe cdrm_touch_pages(bytes.baseAddress, bytes.count, Int(page))
      }
    }
  }
}
