// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

extension PanthorDriver {
  var syncCall: SyncCall? {
    guard features.contains(.explicitSync) else { return nil }
    return dialect == .merged ? PanthorSyncCall() : PanthorSeriesSyncCall()
  }

  func sync(_ batch: borrowing SyncBatch, in file: DRMFile) throws(DRMError) {
    let count = batch.count
    // An entry is laid out as panthor's element, so the batch is passed as it stands.
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
}

/// One operation as an array of one: `DRM_IOCTL_PANTHOR_BO_SYNC`.
private final class PanthorSyncCall: SyncCall, @unchecked Sendable {
  override func issue(
    _ kind: SyncKind, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    Self.issue(kind.rawValue, range, of: handle, in: file)
  }

  override func issue(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>, of handle: GEMHandle,
    in file: DRMFile
  ) -> CInt {
    guard let kind = SyncKind(for: accessor, access) else { return 0 }
    return Self.issue(kind.rawValue, range, of: handle, in: file)
  }

  @inline(__always)
  static func issue(
    _ word: UInt32, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    var entry = cdrm_panthor_bo_sync_op(
      handle: handle.rawValue, type: word, offset: range.lowerBound,
      size: range.upperBound &- range.lowerBound)
    return unsafe withUnsafeMutablePointer(to: &entry) { pointer in
      var argument = cdrm_panthor_bo_sync(
        ops: cdrm_panthor_obj_array(
          stride: UInt32(MemoryLayout<cdrm_panthor_bo_sync_op>.stride), count: 1,
          array: UInt64(UInt(bitPattern: pointer))))
      return file.answer(to: cdrm_request_panthor_bo_sync, &argument)
    }
  }
}

/// The same in the words of the series; what takes two operations is one call with both.
private final class PanthorSeriesSyncCall: SyncCall, @unchecked Sendable {
  override func issue(
    _ kind: SyncKind, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    let words = SyncDialect.seriesV4.words(for: kind)
    guard let second = words.second else {
      return PanthorSyncCall.issue(words.first, range, of: handle, in: file)
    }
    func entry(_ word: UInt32) -> cdrm_panthor_bo_sync_op {
      cdrm_panthor_bo_sync_op(
        handle: handle.rawValue, type: word, offset: range.lowerBound,
        size: range.upperBound &- range.lowerBound)
    }
    var entries = (entry(words.first), entry(second))
    return unsafe withUnsafeMutablePointer(to: &entries) { pointer in
      var argument = cdrm_panthor_bo_sync(
        ops: cdrm_panthor_obj_array(
          stride: UInt32(MemoryLayout<cdrm_panthor_bo_sync_op>.stride), count: 2,
          array: UInt64(UInt(bitPattern: pointer))))
      return file.answer(to: cdrm_request_panthor_bo_sync, &argument)
    }
  }

  override func issue(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>, of handle: GEMHandle,
    in file: DRMFile
  ) -> CInt {
    PanthorSyncCall.issue(
      SeriesFlags.word(for: accessor, access), range, of: handle, in: file)
  }
}
