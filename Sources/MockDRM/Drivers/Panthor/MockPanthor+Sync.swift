// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

extension MockPanthor {
  /// BO_SYNC: performs operations in order up to the first that fails: `panthor_ioctl_bo_sync`.
  static func syncBuffers(
    _ file: MockFile,
    _ argument: inout cdrm_panthor_bo_sync
  ) throws(Errno) {
    let operations = try ObjectArray.copy(argument.ops, of: cdrm_panthor_bo_sync_op.self)
    for operation in operations {
      guard file.device.profile.policy != .seriesV4 else {
        let sync = try ProposedSync(flags: operation.type)
        try sync.perform(
          on: file.buffer(operation.handle), offset: operation.offset, size: operation.size)
        continue
      }
      guard !file.device.injects(.syncOrder) || operation.type <= 1 else { throw .EINVAL }
      try sync(file.buffer(operation.handle), operation)
    }
  }

  /// Performs one operation, with the checks in the kernel's order: `panthor_gem_sync`.
  private static func sync(
    _ buffer: MockBuffer,
    _ operation: cdrm_panthor_bo_sync_op
  ) throws(Errno) {
    let (end, overflow) = operation.offset.addingReportingOverflow(operation.size)
    guard !overflow, end <= buffer.size + (buffer.device.injects(.syncBound) ? 1 : 0) else {
      throw .EINVAL
    }
    guard !buffer.isImported || buffer.device.injects(.syncImported) else { throw .EINVAL }
    let invalidates: Bool
    switch Int(operation.type) {
    case CDRM_PANTHOR_BO_SYNC_FLUSH: invalidates = false
    case CDRM_PANTHOR_BO_SYNC_FLUSH_AND_INVALIDATE: invalidates = true
    default: throw .EINVAL
    }
    guard !buffer.device.driver.mapsWriteCombining(buffer), operation.size > 0,
      buffer.isMappedForDMA || buffer.memory.isResident
    else { return }
    buffer.mapForDMA()
    buffer.maintain(operation.offset..<end, invalidates: invalidates)
  }
}
