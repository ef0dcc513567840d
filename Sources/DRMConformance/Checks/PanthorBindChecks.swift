// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// `DRM_IOCTL_PANTHOR_VM_BIND` in its synchronous mode.
let panthorBindChecks: [Check] = checks(of: .panthor, calls + refusals + owners)

private let calls: [Check] = [
  Check("panthor.vm_bind.map_and_unmap", "A synchronous VM_BIND maps and unmaps a BO.") {
    probe in
    let vm = try probe.node.createVM()
    let buffer = try probe.node.createBuffer(size: 65536)
    try probe.expect(.success) { () throws(DRMError) in
      try vm.map(0..<65536, of: buffer, at: 1 << 20, [.noExecute])
    }
    try probe.expect(.success) { () throws(DRMError) in try vm.unmap(1 << 20..<1 << 20 + 65536) }
  },
  Check(
    "panthor.vm_bind.unmap_nothing", "UNMAP of a range without mappings succeeds."
  ) { probe in
    let vm = try probe.node.createVM()
    try probe.expect(.success) { () throws(DRMError) in try vm.unmap(1 << 30..<1 << 30 + 65536) }
  },
  Check(
    "panthor.vm_bind.keeps",
    "A BO that is mapped in a VM outlives its handle until it is unmapped."
  ) { probe in
    let vm = try probe.node.createVM()
    let buffer = try probe.node.createBuffer(size: 65536)
    let offset = try buffer.fakeOffset().rawValue
    try vm.map(0..<65536, of: buffer, at: 1 << 20)
    try buffer.close()
    // EACCES shows that the BO exists and that the file has no handle of it; without a BO it is EINVAL.
    try probe.expect(probe.mmap(length: 65536, offset: offset), .EACCES)
    try vm.unmap(1 << 20..<1 << 20 + 65536)
    try probe.expect(probe.mmap(length: 65536, offset: offset), .EINVAL)
  },
  Check("panthor.vm_bind.bad_vm", "VM_BIND with an unknown VM fails with EINVAL.") { probe in
    try bind([PanthorBindCalls.map(1)], in: 31, .EINVAL, in: probe)
    try bind([], in: 31, .EINVAL, in: probe)
  },
  Check("panthor.vm_bind.nothing", "VM_BIND without operations succeeds.") { probe in
    let vm = try probe.node.createVM()
    try bind([], in: vm.id, in: probe)
  },
  Check(
    "panthor.vm_bind.unknown_flag", "VM_BIND ignores unknown flags."
  ) { probe in
    let vm = try probe.node.createVM()
    let buffer = try probe.node.createBuffer(size: 65536)
    let operations = [PanthorBindCalls.map(buffer.handle.rawValue)]
    try bind(operations, in: vm.id, flags: 1 << 31, in: probe)
  },
  Check(
    "panthor.vm_bind.failing_index",
    "When an operation fails, VM_BIND returns its index in the count."
  ) { probe in
    let vm = try probe.node.createVM()
    let handle = try probe.node.createBuffer(size: 65536).disown().rawValue
    let operations = [
      PanthorBindCalls.map(handle), PanthorBindCalls.map(handle, at: 2 << 20),
      PanthorBindCalls.map(4711, at: 3 << 20),
      PanthorBindCalls.map(handle),
    ]
    try probe.expectEqual("count", try bind(operations, in: vm.id, .EINVAL, in: probe), 2)
  },
]

private let refusals: [Check] = [
  refused("bad_handle", "An unknown BO handle fails with EINVAL, not ENOENT.") { _ in
    PanthorBindCalls.map(4711)
  },
  refused("past_bo_end", "A range past the end of the BO fails with EINVAL.") { handle in
    PanthorBindCalls.map(handle, offset: 65536, size: 65536)
  },
  refused("unaligned_address", "An address that is not page-aligned fails with EINVAL.") { handle in
    PanthorBindCalls.map(handle, at: 1 << 20 + 512)
  },
  refused("unaligned_size", "A size that is not page-aligned fails with EINVAL.") { handle in
    PanthorBindCalls.map(handle, size: 100)
  },
  refused("unaligned_offset", "An offset that is not page-aligned fails with EINVAL.") { handle in
    PanthorBindCalls.map(handle, offset: 64, size: 16384)
  },
  refused("past_user_range", "An address past the user range fails with EINVAL.") { handle in
    PanthorBindCalls.map(handle, at: 1 << 48)
  },
  refused("address_wraps", "A range that wraps around 64 bits fails with EINVAL.") { handle in
    PanthorBindCalls.map(handle, at: 0xffff_ffff_ffff_0000, size: 65536)
  },
  refused("unknown_op_flag", "An operation with an unknown flag fails with EINVAL.") { handle in
    PanthorBindCalls.map(handle, flags: 0x80)
  },
  refused("unknown_op_type", "An operation of an unknown type fails with EINVAL.") { handle in
    PanthorBindCalls.map(handle, flags: 0x7000_0000)
  },
  refused("sync_only", "SYNC_ONLY fails with EINVAL in the synchronous mode.") { _ in
    PanthorBindCalls.Operation(size: 65536)
  },
  refused("unmap_with_handle", "UNMAP with a handle fails with EINVAL.") { handle in
    PanthorBindCalls.map(handle, flags: PanthorBindCalls.unmap)
  },
  refused("syncs", "An operation with syncs fails with EINVAL in the synchronous mode.") { handle in
    PanthorBindCalls.map(handle, syncs: PanthorSyncArray([PanthorSyncs.wait(0)], address: 0))
  },
]

private let owners: [Check] = [
  Check(
    "panthor.vm_bind.size_zero",
    "An operation of size 0 succeeds, and its other fields are ignored."
  ) { probe in
    let vm = try probe.node.createVM()
    let operation = PanthorBindCalls.map(4711, at: 3, offset: 5, size: 0, flags: 0x7000_0080)
    try bind([operation], in: vm.id, in: probe)
  },
  Check(
    "panthor.vm_bind.other_vm", "Mapping a BO exclusive to one VM in another VM fails with EINVAL."
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

/// A check that one operation on a BO of 64 KiB fails with EINVAL.
private func refused(
  _ name: String, _ statement: String,
  _ operation: @escaping @Sendable (_ handle: UInt32) -> PanthorBindCalls.Operation
) -> Check {
  Check("panthor.vm_bind.\(name)", statement) { probe in
    let vm = try probe.node.createVM()
    let buffer = try probe.node.createBuffer(size: 65536)
    let count = try bind([operation(buffer.handle.rawValue)], in: vm.id, .EINVAL, in: probe)
    try probe.expectEqual("count", count, 0)
  }
}

/// Performs a synchronous VM_BIND, judges the outcome, and returns the count.
@discardableResult
private func bind(
  _ operations: [PanthorBindCalls.Operation], in vm: UInt32, flags: UInt32 = 0,
  _ outcome: Outcome = .success, in probe: Probe
) throws -> UInt32 {
  try PanthorBindCalls.bind(operations, in: vm, flags: flags, outcome, in: probe)
}
