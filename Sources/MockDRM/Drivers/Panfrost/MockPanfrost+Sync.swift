// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

extension MockPanfrost {
  /// SYNC_BO: performs operations in order up to the first that fails: `panfrost_ioctl_sync_bo`.
  static func syncBuffers(
    _ file: MockFile, _ argument: inout cdrm_panfrost_sync_bo
  ) throws(Errno) {
    guard argument.pad == 0 else { throw .EINVAL }
    let stride = MemoryLayout<cdrm_panfrost_bo_sync_op>.size
    let operations = try ObjectArray.copy(
      cdrm_panthor_obj_array(
        stride: UInt32(stride), count: argument.op_count, array: argument.ops),
      of: cdrm_panfrost_bo_sync_op.self)
    for operation in operations {
      guard file.device.profile.policy != .seriesV4 else {
        let sync = try ProposedSync(flags: operation.type)
        try sync.perform(
          on: file.buffer(operation.handle), offset: UInt64(operation.offset),
          size: UInt64(operation.size))
        continue
      }
      guard !file.device.injects(.syncOrder) || operation.type <= 1 else { throw .EINVAL }
      try sync(file.buffer(operation.handle), operation)
    }
  }

  /// Performs one operation, with the kernel's order of checks and 32 bits: `panfrost_gem_sync`.
  private static func sync(
    _ buffer: MockBuffer, _ operation: cdrm_panfrost_bo_sync_op
  ) throws(Errno) {
    let (end, overflow) = operation.offset.addingReportingOverflow(operation.size)
    guard !overflow, UInt64(end) <= buffer.size + (buffer.device.injects(.syncBound) ? 1 : 0) else {
      throw .EINVAL
    }
    guard !buffer.isImported || buffer.device.injects(.syncImported) else { throw .EINVAL }
    let invalidates: Bool
    switch Int(operation.type) {
    case CDRM_PANFROST_BO_SYNC_FLUSH: invalidates = false
    case CDRM_PANFROST_BO_SYNC_FLUSH_AND_INVALIDATE: invalidates = true
    default: throw .EINVAL
    }
    guard !buffer.device.driver.mapsWriteCombining(buffer), operation.size > 0 else { return }
    buffer.mapForDMA()
    buffer.maintain(
      UInt64(operation.offset)..<UInt64(end), invalidates: invalidates)
  }
}
