// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

extension PanfrostDriver {
  var syncCall: SyncCall? {
    guard features.contains(.explicitSync) else { return nil }
    return dialect == .merged ? PanfrostSyncCall() : PanfrostSeriesSyncCall()
  }

  /// Elements are half as long as the batch's entries; every range is looked at before the one call.
  func sync(_ batch: borrowing SyncBatch, in file: DRMFile) throws(DRMError) {
    let count = batch.count
    // One pass without a branch: whether any range was too large is asked of all upper halves at once.
    var upperHalves: UInt64 = 0
    let elements = unsafe [cdrm_panfrost_bo_sync_op](unsafeUninitializedCapacity: count) {
      elements, filled in
      unsafe batch.entries.withUnsafeBufferPointer { entries in
        for index in 0..<count {
          let entry = unsafe entries[index]
          upperHalves |= entry.offset | entry.size
          elements.baseAddress?[index] = cdrm_panfrost_bo_sync_op(
            handle: entry.handle, type: entry.word,
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

/// One operation as an array of one: `DRM_IOCTL_PANFROST_SYNC_BO`.
private final class PanfrostSyncCall: SyncCall, @unchecked Sendable {
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
    // Cut to 32 bits, a larger range would name other bytes.
    guard let offset = UInt32(exactly: range.lowerBound),
      let size = UInt32(exactly: range.upperBound &- range.lowerBound)
    else { return Self.rangeTooLarge }
    var element = cdrm_panfrost_bo_sync_op(
      handle: handle.rawValue, type: word, offset: offset, size: size)
    return unsafe withUnsafeMutablePointer(to: &element) { pointer in
      var argument = cdrm_panfrost_sync_bo(
        ops: UInt64(UInt(bitPattern: pointer)), op_count: 1, pad: 0)
      return file.answer(to: cdrm_request_panfrost_sync_bo, &argument)
    }
  }
}

/// The same in the words of the series; what takes two operations is one call with both.
private final class PanfrostSeriesSyncCall: SyncCall, @unchecked Sendable {
  override func issue(
    _ kind: SyncKind, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    let words = SyncDialect.seriesV4.words(for: kind)
    guard let second = words.second else {
      return PanfrostSyncCall.issue(words.first, range, of: handle, in: file)
    }
    guard let offset = UInt32(exactly: range.lowerBound),
      let size = UInt32(exactly: range.upperBound &- range.lowerBound)
    else { return Self.rangeTooLarge }
    func element(_ word: UInt32) -> cdrm_panfrost_bo_sync_op {
      cdrm_panfrost_bo_sync_op(handle: handle.rawValue, type: word, offset: offset, size: size)
    }
    var elements = (element(words.first), element(second))
    return unsafe withUnsafeMutablePointer(to: &elements) { pointer in
      var argument = cdrm_panfrost_sync_bo(
        ops: UInt64(UInt(bitPattern: pointer)), op_count: 2, pad: 0)
      return file.answer(to: cdrm_request_panfrost_sync_bo, &argument)
    }
  }

  override func issue(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>, of handle: GEMHandle,
    in file: DRMFile
  ) -> CInt {
    PanfrostSyncCall.issue(
      SeriesFlags.word(for: accessor, access), range, of: handle, in: file)
  }
}
