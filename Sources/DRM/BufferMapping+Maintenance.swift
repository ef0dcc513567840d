// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// The cache maintenance that the CPU of this process offers without a system call.
public enum UserlandCaches {
  /// The smallest size of a cache line in bytes, by which maintenance steps; nil where the CPU offers none.
  ///
  /// AArch64 has `dc cvac` and `dc civac`, and DminLine of CTR_EL0; x86 has `clflush`. 32-bit Arm has no
  /// instruction for a process.
  public static var lineSize: Int? {
    let size = cdrm_cache_line_size()
    return size > 0 ? Int(size) : nil
  }

  /// The size in bytes of aligned blocks that never share a line of any cache; nil as for ``lineSize``.
  ///
  /// Data of the CPU and of a device must lie in different blocks. It is CWG of CTR_EL0, or 128 where that
  /// does not say, and never less than ``lineSize``.
  public static var sharingGranule: Int? {
    let size = cdrm_cache_granule()
    return size > 0 ? Int(size) : nil
  }
}

extension BufferMapping {
  /// Maintains the cache lines of a byte range with the CPU's own instructions, and waits for their end.
  ///
  /// A flush cleans lines; a flush-and-invalidate also invalidates them. Whole lines of
  /// ``UserlandCaches/lineSize`` bytes are maintained, also where it is not needed: on a coherent device,
  /// and on a WC mapping, which has no lines. The device must not access the lines during the call.
  ///
  /// - Parameter range: in bytes, from the start of the mapping.
  /// - Throws: `outOfRange` for a range that does not lie within the mapping; `noUserlandMaintenance` where
  ///   the CPU has no such instructions for a process.
  public func maintain(_ kind: SyncKind, _ range: Range<UInt64>) throws(DRMError) {
    try requireInBounds(range, .syncBuffer)
    let answer = kernel.maintainCaches(
      kind == .flush ? .clean : .cleanAndInvalidate, address(of: range), length: range.count)
    guard answer >= 0 else {
      guard Errno(answer: answer) == .ENOSYS else {
        throw DRMError.make(.syncBuffer, answer: answer, subject)
      }
      throw DRMError(operation: .syncBuffer, reason: .noUserlandMaintenance, subject: subject)
    }
  }

  /// Flushes and invalidates the whole mapping by cache instructions, where user space has them.
  ///
  /// For memory of a job itself, such as its stream: a driver that is wrong about coherency would not do it.
  package func maintainOwn() {
    try? maintain(.flushAndInvalidate, 0..<UInt64(length))
  }

  /// Loads a byte of each page of a byte range, so that the page tables map all of them.
  ///
  /// - Parameter range: in bytes, from the start of the mapping.
  /// - Throws: as ``withBytes(in:_:)``.
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
