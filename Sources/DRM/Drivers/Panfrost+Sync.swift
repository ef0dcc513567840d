// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

extension PanfrostUAPI {
  var syncCall: SyncCall? {
    features.contains(.explicitSync) ? PanfrostSyncCall(release.abi) : nil
  }

  /// Copies the entries into panfrost's layout; every range is validated before the one call.
  func sync(_ batch: borrowing SyncBatch, in file: DRMFile) throws(DRMError) {
    let count = batch.count
    // One pass without a branch: the upper halves of all ranges are checked together at the end.
    var upperHalves: UInt64 = 0
    let elements = unsafe [cdrm_panfrost_bo_sync_op](unsafeUninitializedCapacity: count) {
      elements, filled in
      unsafe batch.entries.withUnsafeBufferPointer { entries in
        for index in 0..<count {
          let entry = unsafe entries[index]
          upperHalves |= entry.offset | entry.size
          elements.baseAddress?[index] = cdrm_panfrost_bo_sync_op(
            handle: entry.handle, type: entry.type,
            offset: UInt32(truncatingIfNeeded: entry.offset),
            size: UInt32(truncatingIfNeeded: entry.size))
        }
      }
      filled = count
    }
    guard upperHalves >> 32 == 0 else {
      throw DRMError(operation: .syncBuffer, reason: .rangeTooLarge, subject: .batch(count: count))
    }
    try unsafe elements.withUnsafeBufferPointer { buffer throws(DRMError) in
      var argument = cdrm_panfrost_sync_bo(
        ops: UInt64(UInt(bitPattern: buffer.baseAddress)), op_count: UInt32(count), pad: 0)
      try file.perform(
        .syncBuffer, cdrm_request_panfrost_sync_bo, &argument, on: .batch(count: count))
    }
  }
}

/// One sync as one ioctl, whose array has the one or two operations of its encoding: `DRM_IOCTL_PANFROST_SYNC_BO`.
private final class PanfrostSyncCall: DriverSyncCall, @unchecked Sendable {
  override func issue(
    _ kind: SyncKind, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    guard abi == .merged else { return issueEncoded(kind, range, of: handle, in: file) }
    guard var element = element(kind.rawValue, range, of: handle) else {
      return Self.rangeTooLarge
    }
    return issue(&element, count: 1, in: file)
  }

  override func issue(
    _ encoded: EncodedSync, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    guard var first = element(encoded.first, range, of: handle) else { return Self.rangeTooLarge }
    guard let type = encoded.second, let second = element(type, range, of: handle) else {
      return issue(&first, count: 1, in: file)
    }
    var both = (first, second)
    return issue(&both, count: 2, in: file)
  }

  /// Returns nil for a range that does not fit 32 bits, which would name other bytes if it were cut.
  private func element(
    _ type: UInt32, _ range: Range<UInt64>, of handle: GEMHandle
  ) -> cdrm_panfrost_bo_sync_op? {
    guard let offset = UInt32(exactly: range.lowerBound),
      let size = UInt32(exactly: range.upperBound &- range.lowerBound)
    else { return nil }
    return cdrm_panfrost_bo_sync_op(
      handle: handle.rawValue, type: type, offset: offset, size: size)
  }

  @inline(__always)
  private func issue<Elements: BitwiseCopyable>(
    _ elements: inout Elements, count: UInt32, in file: DRMFile
  ) -> CInt {
    unsafe withUnsafeMutablePointer(to: &elements) { pointer in
      var argument = cdrm_panfrost_sync_bo(
        ops: UInt64(UInt(bitPattern: pointer)), op_count: count, pad: 0)
      return file.answer(to: cdrm_request_panfrost_sync_bo, &argument)
    }
  }
}
