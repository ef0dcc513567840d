// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// `DRM_IOCTL_PANTHOR_VM_BIND` in whatever shape a check wants it.
enum PanthorBindCalls {
  static let asynchronous = UInt32(CDRM_PANTHOR_VM_BIND_ASYNC)
  static let unmap = UInt32(CDRM_PANTHOR_VM_BIND_OP_TYPE_UNMAP)
  static let syncOnly = UInt32(CDRM_PANTHOR_VM_BIND_OP_TYPE_SYNC_ONLY)

  /// One of the operations of a call: as it stands, one that only synchronizes.
  struct Operation {
    var flags = syncOnly
    var handle: UInt32 = 0
    var offset: UInt64 = 0
    var address: UInt64 = 0
    var size: UInt64 = 0
    var syncs: [cdrm_panthor_sync_op] = []
    var syncsStride: UInt32 = 16
    /// An address that takes the array's place.
    var syncsAddress: UInt64?
  }

  /// An operation that maps the first 64 KiB of a BO.
  static func map(
    _ handle: UInt32, at address: UInt64 = 1 << 20, syncs: [cdrm_panthor_sync_op] = []
  ) -> Operation {
    Operation(flags: 0, handle: handle, address: address, size: 65536, syncs: syncs)
  }

  static func bind(
    _ operations: [Operation], in vm: UInt32, flags: UInt32 = asynchronous, in probe: Probe
  ) -> (answer: CInt, count: UInt32) {
    PanthorSyncs.withArrays(operations.map(\.syncs)) { arrays in
      let elements = zip(operations, arrays).map { operation, syncs in
        cdrm_panthor_vm_bind_op(
          flags: operation.flags, bo_handle: operation.handle, bo_offset: operation.offset,
          va: operation.address, size: operation.size,
          syncs: cdrm_panthor_obj_array(
            stride: operation.syncsStride, count: UInt32(operation.syncs.count),
            array: operation.syncsAddress ?? syncs))
      }
      return unsafe elements.withUnsafeBufferPointer { buffer in
        var argument = cdrm_panthor_vm_bind(
          vm_id: vm, flags: flags,
          ops: cdrm_panthor_obj_array(
            stride: 48, count: UInt32(buffer.count),
            array: UInt64(UInt(bitPattern: buffer.baseAddress))))
        let answer = probe.ioctl(cdrm_request_panthor_vm_bind, &argument)
        return (answer, argument.ops.count)
      }
    }
  }
}
