// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

private typealias Calls = PanthorBindCalls
private typealias Operation = PanthorBindCalls.Operation

/// `DRM_IOCTL_PANTHOR_VM_BIND` in its asynchronous mode.
let panthorAsyncBindChecks: [Check] = binds.map { $0.requiring(.driver("panthor")) }

private let binds: [Check] = [
  Check("panthor.vm_bind.async_nothing", "No operation at all succeeds, in a VM that is there.") {
    probe in
    let vm = try PanthorGroupCalls.createVM(in: probe)
    try probe.expect(Calls.bind([], in: vm, in: probe).answer, .success)
    try probe.expect(Calls.bind([], in: 31, in: probe).answer, .EINVAL)
  },
  Check(
    "panthor.vm_bind.async_keeps",
    "A BO that is mapped so outlives its handle, until it is unmapped so."
  ) { probe in
    let vm = try PanthorGroupCalls.createVM(in: probe)
    let result = try SyncobjCalls.create(in: probe)
    let buffer = try probe.node.createBuffer(size: 65536)
    let offset = try buffer.fakeOffset().rawValue
    let map = Calls.map(buffer.handle.rawValue, syncs: [PanthorSyncs.signal(result)])
    try probe.expect(Calls.bind([map], in: vm, in: probe).answer, .success)
    try expectEnd(result, in: probe)
    try buffer.close()
    // Where there is no BO it is EINVAL; here is one that the file has no handle of.
    try probe.expect(probe.mmap(length: 65536, offset: offset), .EACCES)
    let unmap = Operation(
      flags: Calls.unmap, address: 1 << 20, size: 65536, syncs: [PanthorSyncs.signal(result)])
    try probe.expect(Calls.bind([unmap], in: vm, in: probe).answer, .success)
    try expectEnd(result, in: probe)
    try probe.expectEqual("usable", try stateOfVM(vm, in: probe), 0)
  },
  Check(
    "panthor.vm_bind.async_count", "A refusal leaves the count as it is, and binds nothing."
  ) { probe in
    let vm = try PanthorGroupCalls.createVM(in: probe)
    let handle = try probe.node.createBuffer(size: 65536).disown().rawValue
    let operations = [Calls.map(handle), Calls.map(4711, at: 2 << 20)]
    let result = Calls.bind(operations, in: vm, in: probe)
    try probe.expect(result.answer, .EINVAL)
    try probe.expectEqual("count", result.count, 2)
  },
  Check(
    "panthor.vm_bind.async_flags", "Other flags of the call are not refused beside this one."
  ) { probe in
    let vm = try PanthorGroupCalls.createVM(in: probe)
    for flags in [3, 0x8000_0001] as [UInt32] {
      try probe.expect(Calls.bind([], in: vm, flags: flags, in: probe).answer, .success)
    }
  },
  refused("bad_handle", "A BO that never was is EINVAL, not ENOENT.") { _ in
    [Calls.map(4711)]
  },
  refused("past_bo_end", "A range past the end of its BO is EINVAL.") { handle in
    var offset = Calls.map(handle)
    offset.offset = 65536
    var size = Calls.map(handle)
    size.size = 131072
    return [offset, size]
  },
  refused("unaligned", "An address, a size and an offset that are no whole pages are EINVAL.") {
    handle in
    var size = Calls.map(handle)
    size.size = 100
    var offset = Calls.map(handle)
    (offset.offset, offset.size) = (64, 16384)
    return [Calls.map(handle, at: 1 << 20 + 512), size, offset]
  },
  refused("past_user_range", "A range past the user's is refused at once, and breaks no VM.") {
    handle in
    [
      Calls.map(handle, at: 1 << 48), Calls.map(handle, at: 0xffff_ffff_ffff_0000),
      Operation(flags: Calls.unmap, address: 1 << 48, size: 65536),
    ]
  },
  refused("unknown_op_flag", "A flag or a type that nobody knows is EINVAL.") { handle in
    [0x10, 0x80, 0x3000_0000, 0x7000_0000].map { (flags: UInt32) in
      var operation = Calls.map(handle)
      operation.flags = flags
      return operation
    }
  },
  refused("unmap_with_handle", "Unmapping takes no handle, no offset and no flag: EINVAL.") {
    handle in
    [
      Operation(flags: Calls.unmap, handle: handle, address: 1 << 20, size: 65536),
      Operation(flags: Calls.unmap, offset: 65536, address: 1 << 20, size: 65536),
      Operation(flags: Calls.unmap | 1, address: 1 << 20, size: 65536),
    ]
  },
  refused("sync_only_alone", "What only synchronizes has something to: EINVAL without syncs.") {
    _ in [Operation()]
  },
  Check(
    "panthor.vm_bind.async_sync_only", "What only synchronizes takes nothing but syncs: EINVAL."
  ) { probe in
    let vm = try PanthorGroupCalls.createVM(in: probe)
    let handle = try probe.node.createBuffer(size: 65536).disown().rawValue
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    let syncs = [PanthorSyncs.wait(signaled)]
    let wrong = [
      Operation(handle: handle, syncs: syncs), Operation(offset: 65536, syncs: syncs),
      Operation(address: 1 << 20, syncs: syncs), Operation(size: 65536, syncs: syncs),
      Operation(flags: Calls.syncOnly | 1, syncs: syncs),
    ]
    for operation in wrong {
      try probe.expect(Calls.bind([operation], in: vm, in: probe).answer, .EINVAL)
    }
    try probe.expect(Calls.bind([Operation(syncs: syncs)], in: vm, in: probe).answer, .success)
  },
  Check(
    "panthor.vm_bind.async_syncs_array", "Its array of syncs is one like all others."
  ) { probe in
    let vm = try PanthorGroupCalls.createVM(in: probe)
    var operation = Operation(syncs: [PanthorSyncs.wait(1)], syncsAddress: 0)
    try probe.expect(Calls.bind([operation], in: vm, in: probe).answer, .EFAULT)
    operation.syncsStride = 15
    try probe.expect(Calls.bind([operation], in: vm, in: probe).answer, .EINVAL)
    let page = try GuardedPage(filledWith: 1)
    operation.syncsStride = 24
    operation.syncsAddress = page.end - 24
    try probe.expect(Calls.bind([operation], in: vm, in: probe).answer, .errno(.E2BIG))
  },
  Check(
    "panthor.vm_bind.async_one_by_one",
    "Each operation is looked at with its array of syncs, before the next."
  ) { probe in
    let vm = try PanthorGroupCalls.createVM(in: probe)
    let nowhere = Operation(syncs: [PanthorSyncs.wait(1)], syncsAddress: 0)
    try probe.expect(
      Calls.bind([nowhere, Calls.map(4711)], in: vm, in: probe).answer, .EFAULT)
    try probe.expect(
      Calls.bind([Calls.map(4711), nowhere], in: vm, in: probe).answer, .EINVAL)
  },
]

/// A check that operations are EINVAL, each by itself, on a BO of 64 KiB in a fresh VM that stays usable.
private func refused(
  _ name: String, _ statement: String,
  _ operations: @escaping @Sendable (_ handle: UInt32) -> [Operation]
) -> Check {
  Check("panthor.vm_bind.async_\(name)", statement) { probe in
    let vm = try PanthorGroupCalls.createVM(in: probe)
    let handle = try probe.node.createBuffer(size: 65536).disown().rawValue
    for operation in operations(handle) {
      let result = Calls.bind([operation], in: vm, in: probe)
      try probe.expect(result.answer, .EINVAL)
      try probe.expectEqual("count", result.count, 1)
    }
    try probe.expectEqual("usable", try stateOfVM(vm, in: probe), 0)
  }
}

private func stateOfVM(_ vm: UInt32, in probe: Probe) throws -> UInt32 {
  var argument = cdrm_panthor_vm_get_state(vm_id: vm, state: 7)
  try probe.expect(probe.ioctl(cdrm_request_panthor_vm_get_state, &argument), .success)
  return argument.state
}

private func expectEnd(_ result: UInt32, in probe: Probe) throws {
  try SyncobjCalls.wait(
    [result], .success, until: SyncobjCalls.time(afterMilliseconds: 3000), first: 0, in: probe)
}
