// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

extension PanfrostDriver {
  var syncCall: SyncCall? {
    features.contains(.explicitSync) ? PanfrostSyncCall(dialect) : nil
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

/// One operation, or the two that one is spelled with, as one array: `DRM_IOCTL_PANFROST_SYNC_BO`.
private final class PanfrostSyncCall: DriverSyncCall, @unchecked Sendable {
  override func issue(
    _ kind: SyncKind, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    guard dialect == .merged else { return spell(kind, range, of: handle, in: file) }
    guard var element = element(kind.rawValue, range, of: handle) else {
      return Self.rangeTooLarge
    }
    return issue(&element, count: 1, in: file)
  }

  override func issue(
    _ words: SyncWords, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    guard var first = element(words.first, range, of: handle) else { return Self.rangeTooLarge }
    guard let word = words.second, let second = element(word, range, of: handle) else {
      return issue(&first, count: 1, in: file)
    }
    var both = (first, second)
    return issue(&both, count: 2, in: file)
  }

  /// Cut to 32 bits, a larger range would name other bytes: then there is none.
  private func element(
    _ word: UInt32, _ range: Range<UInt64>, of handle: GEMHandle
  ) -> cdrm_panfrost_bo_sync_op? {
    guard let offset = UInt32(exactly: range.lowerBound),
      let size = UInt32(exactly: range.upperBound &- range.lowerBound)
    else { return nil }
    return cdrm_panfrost_bo_sync_op(
      handle: handle.rawValue, type: word, offset: offset, size: size)
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
