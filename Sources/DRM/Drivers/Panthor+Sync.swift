// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

extension PanthorUAPI {
  func sync(_ batch: borrowing SyncBatch, in file: DRMFile) throws(DRMError) {
    let count = batch.count
    // An entry has the layout of panthor's element, so no copy is needed.
    try unsafe batch.entries.withUnsafeBufferPointer { entries throws(DRMError) in
      var argument = cdrm_panthor_bo_sync(
        ops: cdrm_panthor_obj_array(
          stride: UInt32(MemoryLayout<SyncBatch.Entry>.stride),
          count: UInt32(count),
          array: UInt64(UInt(bitPattern: entries.baseAddress))
        )
      )
      try file.perform(
        .syncBuffer,
        cdrm_request_panthor_bo_sync,
        &argument,
        on: .batch(count: count)
      )
    }
  }

  var syncCall: SyncCall? {
    features.contains(.explicitSync) ? PanthorSyncCall(release.abi) : nil
  }
}

/// One sync as one ioctl, whose array has the one or two operations of its encoding: `DRM_IOCTL_PANTHOR_BO_SYNC`.
private final class PanthorSyncCall: DriverSyncCall, @unchecked Sendable {
  override func issue(
    _ kind: SyncKind, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    guard abi == .merged else { return issueEncoded(kind, range, of: handle, in: file) }
    var entry = entry(kind.rawValue, range, of: handle)
    return issue(&entry, count: 1, in: file)
  }

  override func issue(
    _ encoded: EncodedSync, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    var first = entry(encoded.first, range, of: handle)
    guard let second = encoded.second else { return issue(&first, count: 1, in: file) }
    var both = (first, entry(second, range, of: handle))
    return issue(&both, count: 2, in: file)
  }

  private func entry(
    _ type: UInt32, _ range: Range<UInt64>, of handle: GEMHandle
  ) -> cdrm_panthor_bo_sync_op {
    cdrm_panthor_bo_sync_op(
      handle: handle.rawValue, type: type, offset: range.lowerBound,
      size: range.upperBound &- range.lowerBound)
  }

  @inline(__always)
  private func issue<Entries: BitwiseCopyable>(
    _ entries: inout Entries, count: UInt32, in file: DRMFile
  ) -> CInt {
    unsafe withUnsafeMutablePointer(to: &entries) { pointer in
      var argument = cdrm_panthor_bo_sync(
        ops: cdrm_panthor_obj_array(
          stride: UInt32(MemoryLayout<cdrm_panthor_bo_sync_op>.stride), count: count,
          array: UInt64(UInt(bitPattern: pointer))))
      return file.answer(to: cdrm_request_panthor_bo_sync, &argument)
    }
  }
}
