// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// `DRM_IOCTL_PANTHOR_VM_BIND` in its synchronous mode.
let panthorBindChecks: [Check] = [
  Check("panthor.vm_bind.map_and_unmap", "A BO is mapped and unmapped.", .driver("panthor")) {
    probe in
    let vm = try probe.node.createVM()
    let buffer = try probe.node.createBuffer(size: 65536)
    try probe.expect(.success) { () throws(DRMError) in
      try vm.map(0..<65536, of: buffer, at: 1 << 20, [.noExecute])
    }
    try probe.expect(.success) { () throws(DRMError) in try vm.unmap(1 << 20..<1 << 20 + 65536) }
  },
  Check(
    "panthor.vm_bind.unmap_nothing", "Unmapping where nothing is mapped succeeds.",
    .driver("panthor")
  ) { probe in
    let vm = try probe.node.createVM()
    try probe.expect(.success) { () throws(DRMError) in try vm.unmap(1 << 30..<1 << 30 + 65536) }
  },
  Check(
    "panthor.vm_bind.keeps",
    "A BO that is mapped in a VM outlives its handle, until it is unmapped.",
    .driver("panthor")
  ) { probe in
    let vm = try probe.node.createVM()
    let buffer = try probe.node.createBuffer(size: 65536)
    let offset = try buffer.fakeOffset().rawValue
    try vm.map(0..<65536, of: buffer, at: 1 << 20)
    try buffer.close()
    // Where there is no BO it is EINVAL; here is one that the file has no handle of.
    try probe.expect(probe.mmap(length: 65536, offset: offset), .EACCES)
    try vm.unmap(1 << 20..<1 << 20 + 65536)
    try probe.expect(probe.mmap(length: 65536, offset: offset), .EINVAL)
  },
  Check("panthor.vm_bind.bad_vm", "A VM that never was is EINVAL.", .driver("panthor")) { probe in
    try probe.expect(bind([map(1)], vm: 31, in: probe).answer, .EINVAL)
    try probe.expect(bind([], vm: 31, in: probe).answer, .EINVAL)
  },
  Check("panthor.vm_bind.nothing", "No operation at all succeeds.", .driver("panthor")) { probe in
    let vm = try probe.node.createVM()
    try probe.expect(bind([], vm: vm.id, in: probe).answer, .success)
  },
  Check(
    "panthor.vm_bind.unknown_flag", "A flag of the call that nobody knows is not refused.",
    .driver("panthor")
  ) { probe in
    let vm = try probe.node.createVM()
    let buffer = try probe.node.createBuffer(size: 65536)
    let operations = [map(buffer.handle.rawValue)]
    try probe.expect(bind(operations, vm: vm.id, flags: 1 << 31, in: probe).answer, .success)
  },
  Check(
    "panthor.vm_bind.failing_index",
    "The count comes back as the index of the operation that failed; earlier ones stay done.",
    .driver("panthor")
  ) { probe in
    let vm = try probe.node.createVM()
    let handle = try probe.node.createBuffer(size: 65536).disown().rawValue
    let result = bind(
      [map(handle), map(handle, at: 2 << 20), map(4711, at: 3 << 20), map(handle)], vm: vm.id,
      in: probe)
    try probe.expect(result.answer, .EINVAL)
    try probe.expectEqual("count", result.count, 2)
  },
  refused("bad_handle", "A BO that never was is EINVAL, not ENOENT.") { _ in map(4711) },
  refused("past_bo_end", "A range past the end of its BO is EINVAL.") { handle in
    map(handle, offset: 65536, size: 65536)
  },
  refused("unaligned_address", "An address that is no whole page is EINVAL.") { handle in
    map(handle, at: 1 << 20 + 512)
  },
  refused("unaligned_size", "A size that is no whole page is EINVAL.") { handle in
    map(handle, size: 100)
  },
  refused("unaligned_offset", "An offset that is no whole page is EINVAL.") { handle in
    map(handle, offset: 64, size: 16384)
  },
  refused("past_user_range", "An address past the user's range is EINVAL.") { handle in
    map(handle, at: 1 << 48)
  },
  refused("address_wraps", "A range that wraps around 64 bits is EINVAL.") { handle in
    map(handle, at: 0xffff_ffff_ffff_0000, size: 65536)
  },
  refused("unknown_op_flag", "A flag of an operation that nobody knows is EINVAL.") { handle in
    map(handle, flags: 0x80)
  },
  refused("unknown_op_type", "A type of operation that nobody knows is EINVAL.") { handle in
    map(handle, flags: 0x7000_0000)
  },
  refused("sync_only", "An operation that only synchronizes is EINVAL in this mode.") { _ in
    var operation = cdrm_panthor_vm_bind_op()
    operation.flags = UInt32(CDRM_PANTHOR_VM_BIND_OP_TYPE_SYNC_ONLY)
    operation.size = 65536
    return operation
  },
  refused("unmap_with_handle", "Unmapping takes no handle: EINVAL.") { handle in
    map(handle, flags: UInt32(CDRM_PANTHOR_VM_BIND_OP_TYPE_UNMAP))
  },
  refused("syncs", "Synchronization is for the other mode: EINVAL.") { handle in
    var operation = map(handle)
    operation.syncs = cdrm_panthor_obj_array(stride: 16, count: 1, array: 0)
    return operation
  },
  Check(
    "panthor.vm_bind.size_zero", "An operation of size 0 succeeds, whatever else it says.",
    .driver("panthor")
  ) { probe in
    let vm = try probe.node.createVM()
    let operation = map(4711, at: 3, offset: 5, size: 0, flags: 0x7000_0080)
    try probe.expect(bind([operation], vm: vm.id, in: probe).answer, .success)
  },
  Check(
    "panthor.vm_bind.other_vm", "A BO that belongs to one VM cannot be mapped in another: EINVAL.",
    .driver("panthor")
  ) { probe in
    let owner = try probe.node.createVM()
    let other = try probe.node.createVM()
    let buffer = try probe.node.createBuffer(size: 65536, exclusiveTo: owner)
    try probe.expect(.EINVAL) { () throws(DRMError) in
      try other.map(0..<65536, of: buffer, at: 1 << 20)
    }
    try probe.expect(.success) { () throws(DRMError) in
      try owner.map(0..<65536, of: buffer, at: 1 << 20)
    }
  },
]

/// A check that one operation is EINVAL, on a BO of 64 KiB in a fresh VM.
private func refused(
  _ name: String, _ statement: String,
  _ operation: @escaping @Sendable (_ handle: UInt32) -> cdrm_panthor_vm_bind_op
) -> Check {
  Check("panthor.vm_bind.\(name)", statement, .driver("panthor")) { probe in
    let vm = try probe.node.createVM()
    let buffer = try probe.node.createBuffer(size: 65536)
    let result = bind([operation(buffer.handle.rawValue)], vm: vm.id, in: probe)
    try probe.expect(result.answer, .EINVAL)
    try probe.expectEqual("count", result.count, 0)
  }
}

private func map(
  _ handle: UInt32, at address: UInt64 = 1 << 20, offset: UInt64 = 0, size: UInt64 = 65536,
  flags: UInt32 = 0
) -> cdrm_panthor_vm_bind_op {
  cdrm_panthor_vm_bind_op(
    flags: flags, bo_handle: handle, bo_offset: offset, va: address, size: size,
    syncs: cdrm_panthor_obj_array())
}

private func bind(
  _ operations: [cdrm_panthor_vm_bind_op], vm: UInt32, flags: UInt32 = 0, in probe: Probe
) -> (answer: CInt, count: UInt32) {
  unsafe operations.withUnsafeBufferPointer { buffer in
    var argument = cdrm_panthor_vm_bind(
      vm_id: vm, flags: flags,
      ops: cdrm_panthor_obj_array(
        stride: 48, count: UInt32(buffer.count),
        array: UInt64(UInt(bitPattern: buffer.baseAddress))))
    let answer = probe.ioctl(cdrm_request_panthor_vm_bind, &argument)
    return (answer, argument.ops.count)
  }
}
