// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// `DRM_IOCTL_PANTHOR_VM_BIND` in its asynchronous mode.
let panthorAsyncBindChecks: [Check] = checks(of: .panthor, binds + refusals + syncs)

private let binds: [Check] = [
  Check(
    "panthor.vm_bind.async_nothing",
    "An asynchronous VM_BIND without operations succeeds, and fails with EINVAL for an unknown VM."
  ) { probe in
    let vm = try PanthorGroupCalls.createVM(in: probe)
    try PanthorBindCalls.bind([], in: vm, in: probe)
    try PanthorBindCalls.bind([], in: 31, .EINVAL, in: probe)
  },
  Check(
    "panthor.vm_bind.async_keeps",
    "A BO mapped asynchronously outlives its handle until it is unmapped asynchronously."
  ) { probe in
    let vm = try PanthorGroupCalls.createVM(in: probe)
    let result = try SyncobjCalls.create(in: probe)
    let buffer = try probe.node.createBuffer(size: 65536)
    let offset = try buffer.fakeOffset().rawValue
    let map = PanthorBindCalls.map(buffer.handle.rawValue, syncs: [PanthorSyncs.signal(result)])
    try PanthorBindCalls.bind([map], in: vm, in: probe)
    try SyncobjCalls.expectEnd(result, in: probe)
    try buffer.close()
    // EACCES shows that the BO exists and that the file has no handle of it; without a BO it is EINVAL.
    try probe.expect(probe.mmap(length: 65536, offset: offset), .EACCES)
    let unmap = PanthorBindCalls.Operation(
      flags: PanthorBindCalls.unmap, address: 1 << 20, size: 65536,
      syncs: [PanthorSyncs.signal(result)])
    try PanthorBindCalls.bind([unmap], in: vm, in: probe)
    try SyncobjCalls.expectEnd(result, in: probe)
    try probe.expectEqual("usable", try stateOfVM(vm, in: probe), 0)
  },
  Check(
    "panthor.vm_bind.async_count", "An asynchronous VM_BIND that fails does not change the count."
  ) { probe in
    let vm = try PanthorGroupCalls.createVM(in: probe)
    let handle = try probe.node.createBuffer(size: 65536).disown().rawValue
    let operations = [PanthorBindCalls.map(handle), PanthorBindCalls.map(4711, at: 2 << 20)]
    let count = try PanthorBindCalls.bind(operations, in: vm, .EINVAL, in: probe)
    try probe.expectEqual("count", count, 2)
  },
  Check(
    "panthor.vm_bind.async_flags", "VM_BIND ignores unknown flags beside ASYNC."
  ) { probe in
    let vm = try PanthorGroupCalls.createVM(in: probe)
    for flags in [3, 0x8000_0001] as [UInt32] {
      try PanthorBindCalls.bind([], in: vm, flags: flags, in: probe)
    }
  },
]

private let refusals: [Check] = [
  refused("bad_handle", "An unknown BO handle fails with EINVAL, not ENOENT.") { _ in
    [PanthorBindCalls.map(4711)]
  },
  refused("past_bo_end", "A range past the end of the BO fails with EINVAL.") { handle in
    var offset = PanthorBindCalls.map(handle)
    offset.offset = 65536
    var size = PanthorBindCalls.map(handle)
    size.size = 131072
    return [offset, size]
  },
  refused("unaligned", "An address, size or offset that is not page-aligned fails with EINVAL.") {
    handle in
    var size = PanthorBindCalls.map(handle)
    size.size = 100
    var offset = PanthorBindCalls.map(handle)
    (offset.offset, offset.size) = (64, 16384)
    return [PanthorBindCalls.map(handle, at: 1 << 20 + 512), size, offset]
  },
  refused(
    "past_user_range", "A range past the user range fails with EINVAL, and the VM stays usable."
  ) {
    handle in
    [
      PanthorBindCalls.map(handle, at: 1 << 48),
      PanthorBindCalls.map(handle, at: 0xffff_ffff_ffff_0000),
      PanthorBindCalls.Operation(flags: PanthorBindCalls.unmap, address: 1 << 48, size: 65536),
    ]
  },
  refused("unknown_op_flag", "An operation with an unknown flag or type fails with EINVAL.") {
    handle in
    [0x10, 0x80, 0x3000_0000, 0x7000_0000].map { (flags: UInt32) in
      var operation = PanthorBindCalls.map(handle)
      operation.flags = flags
      return operation
    }
  },
  refused("unmap_with_handle", "UNMAP with a handle, an offset or a flag fails with EINVAL.") {
    handle in
    [
      PanthorBindCalls.Operation(
        flags: PanthorBindCalls.unmap, handle: handle, address: 1 << 20, size: 65536),
      PanthorBindCalls.Operation(
        flags: PanthorBindCalls.unmap, offset: 65536, address: 1 << 20, size: 65536),
      PanthorBindCalls.Operation(flags: PanthorBindCalls.unmap | 1, address: 1 << 20, size: 65536),
    ]
  },
  refused("sync_only_alone", "SYNC_ONLY without syncs fails with EINVAL.") {
    _ in [PanthorBindCalls.Operation()]
  },
]

private let syncs: [Check] = [
  Check(
    "panthor.vm_bind.async_sync_only",
    "SYNC_ONLY with a handle, offset, address, size or flag fails with EINVAL."
  ) { probe in
    let vm = try PanthorGroupCalls.createVM(in: probe)
    let handle = try probe.node.createBuffer(size: 65536).disown().rawValue
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    let syncs: PanthorSyncArray = [PanthorSyncs.wait(signaled)]
    let wrong = [
      PanthorBindCalls.Operation(handle: handle, syncs: syncs),
      PanthorBindCalls.Operation(offset: 65536, syncs: syncs),
      PanthorBindCalls.Operation(address: 1 << 20, syncs: syncs),
      PanthorBindCalls.Operation(size: 65536, syncs: syncs),
      PanthorBindCalls.Operation(flags: PanthorBindCalls.syncOnly | 1, syncs: syncs),
    ]
    for operation in wrong {
      try PanthorBindCalls.bind([operation], in: vm, .EINVAL, in: probe)
    }
    try PanthorBindCalls.bind([PanthorBindCalls.Operation(syncs: syncs)], in: vm, in: probe)
  },
  Check(
    "panthor.vm_bind.async_syncs_array",
    "An unmapped syncs array, a short stride or a nonzero tail fails as in any object array."
  ) { probe in
    let vm = try PanthorGroupCalls.createVM(in: probe)
    try PanthorSyncArray([PanthorSyncs.wait(1)]).expectErrors { syncs, outcome in
      try PanthorBindCalls.bind(
        [PanthorBindCalls.Operation(syncs: syncs)], in: vm, outcome, in: probe)
    }
  },
  Check(
    "panthor.vm_bind.async_one_by_one",
    "Each operation is checked together with its syncs before the next operation."
  ) { probe in
    let vm = try PanthorGroupCalls.createVM(in: probe)
    let nowhere = PanthorBindCalls.Operation(
      syncs: PanthorSyncArray([PanthorSyncs.wait(1)], address: 0))
    try PanthorBindCalls.bind([nowhere, PanthorBindCalls.map(4711)], in: vm, .EFAULT, in: probe)
    try PanthorBindCalls.bind([PanthorBindCalls.map(4711), nowhere], in: vm, .EINVAL, in: probe)
  },
]

/// A check that each operation on a BO of 64 KiB fails with EINVAL, and that the VM stays usable.
private func refused(
  _ name: String, _ statement: String,
  _ operations: @escaping @Sendable (_ handle: UInt32) -> [PanthorBindCalls.Operation]
) -> Check {
  Check("panthor.vm_bind.async_\(name)", statement) { probe in
    let vm = try PanthorGroupCalls.createVM(in: probe)
    let handle = try probe.node.createBuffer(size: 65536).disown().rawValue
    for operation in operations(handle) {
      let count = try PanthorBindCalls.bind([operation], in: vm, .EINVAL, in: probe)
      try probe.expectEqual("count", count, 1)
    }
    try probe.expectEqual("usable", try stateOfVM(vm, in: probe), 0)
  }
}

private func stateOfVM(_ vm: UInt32, in probe: Probe) throws -> UInt32 {
  try probe.call(
    cdrm_request_panthor_vm_get_state, cdrm_panthor_vm_get_state(vm_id: vm, state: 7)
  ).state
}
