// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

extension PanfrostDriver {
  func sync(
    _ handle: GEMHandle, _ operation: SyncOperation, in file: DRMFile
  ) throws(DRMError) {
    let entry = SyncBatch.Entry(
      handle: handle.rawValue, kind: operation.kind.rawValue, offset: operation.range.lowerBound,
      size: operation.range.upperBound - operation.range.lowerBound)
    guard var element = cdrm_panfrost_bo_sync_op(entry) else {
      throw DRMError(operation: .syncBuffer, reason: .rangeTooLarge, subject: .handle(handle))
    }
    try unsafe withUnsafeMutablePointer(to: &element) { pointer throws(DRMError) in
      var argument = cdrm_panfrost_sync_bo(
        ops: UInt64(UInt(bitPattern: pointer)), op_count: 1, pad: 0)
      try file.perform(
        .syncBuffer, cdrm_request_panfrost_sync_bo, &argument, on: .handle(handle))
    }
  }

  /// Elements are half as long as the batch's entries; every range is looked at before the one call.
  func sync(_ batch: borrowing SyncBatch, in file: DRMFile) throws(DRMError) {
    let count = batch.count
    var elements: [cdrm_panfrost_bo_sync_op] = []
    elements.reserveCapacity(count)
    for entry in batch.entries {
      guard let element = cdrm_panfrost_bo_sync_op(entry) else {
        throw DRMError(
          operation: .syncBuffer, reason: .rangeTooLarge, subject: .batch(count: count))
      }
      elements.append(element)
    }
    try unsafe elements.withUnsafeBufferPointer { buffer throws(DRMError) in
      var argument = cdrm_panfrost_sync_bo(
        ops: UInt64(UInt(bitPattern: buffer.baseAddress)), op_count: UInt32(count), pad: 0)
      try file.perform(
        .syncBuffer, cdrm_request_panfrost_sync_bo, &argument, on: .batch(count: count))
    }
  }
}

extension cdrm_panfrost_bo_sync_op {
  /// Narrows an entry to 32 bits; nil where the range does not fit and would name other bytes.
  fileprivate init?(_ entry: SyncBatch.Entry) {
    guard let offset = UInt32(exactly: entry.offset), let size = UInt32(exactly: entry.size) else {
      return nil
    }
    self.init(handle: entry.handle, type: entry.kind, offset: offset, size: size)
  }
}
