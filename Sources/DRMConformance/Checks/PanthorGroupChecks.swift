// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

private typealias Calls = PanthorGroupCalls

/// `DRM_IOCTL_PANTHOR_GROUP_DESTROY` and `_GET_STATE`, and the lifetime of groups.
let panthorGroupChecks: [Check] = checks(of: .panthor, handles + states)

private let handles: [Check] = [
  Check(
    "panthor.group_create.numbers", "GROUP_CREATE returns the lowest free handle, from 1 on."
  ) { probe in
    let vm = try Calls.createVM(in: probe)
    for number: UInt32 in 1...3 {
      try probe.expectEqual("handle", try Calls.group(vm: vm, in: probe), number)
    }
    try Calls.destroy(2, in: probe)
    try probe.expectEqual("handle", try Calls.group(vm: vm, in: probe), 2)
  },
  Check(
    "panthor.group_create.most",
    "A file has up to 128 groups, and the next valid GROUP_CREATE fails with EBUSY.",
    // Without a GPU, the driver waits for it for 100 ms for each BO of each group.
    .jobs
  ) { probe in
    let creation = try Calls.Creation(in: try Calls.createVM(in: probe), probe)
    for _ in 0..<128 { try Calls.create(creation, in: probe) }
    try Calls.create(creation, .errno(.EBUSY), in: probe)
    for change in [
      { $0.argument.pad = 1 }, { $0.argument.priority = 9 }, { $0.argument.vm_id = 31 },
      { $0.argument.tiler_core_mask = 0 },
    ] as [(inout Calls.Creation) -> Void] {
      var changed = creation
      change(&changed)
      try Calls.create(changed, .EINVAL, in: probe)
    }
    var changed = creation
    changed.queues[0].priority = 16
    // Up to Linux 6.12 at least, the queues are created before the handle is allocated.
    try Calls.create(changed, .errno(.EBUSY, .EINVAL), in: probe)
    try Calls.destroy(77, in: probe)
    try probe.expectEqual("handle", try Calls.create(creation, in: probe), 77)
  },
  Check("panthor.group_destroy.pad", "GROUP_DESTROY with a nonzero pad fails with EINVAL.") {
    probe in
    let group = try Calls.group(in: probe)
    try Calls.destroy(group, pad: 1, .EINVAL, in: probe)
    try Calls.destroy(group, in: probe)
  },
  Check("panthor.group_destroy.twice", "The second GROUP_DESTROY of a handle fails with EINVAL.") {
    probe in
    let group = try Calls.group(in: probe)
    try Calls.destroy(group, in: probe)
    try Calls.destroy(group, .EINVAL, in: probe)
  },
  Check(
    "panthor.group_destroy.unknown",
    "GROUP_DESTROY of an unknown handle fails with EINVAL, not ENOENT."
  ) {
    probe in
    for handle in [0, 1, 4711] as [UInt32] {
      try Calls.destroy(handle, .EINVAL, in: probe)
    }
  },
  Check(
    "panthor.group_destroy.other_file",
    "GROUP_DESTROY and GROUP_GET_STATE of another file's group fail with EINVAL."
  ) { probe in
    let group = try Calls.group(in: probe)
    let other = try probe.openAgain()
    try Calls.destroy(group, .EINVAL, on: other.descriptor, in: probe)
    try Calls.state(group, .EINVAL, on: other.descriptor, in: probe)
    try Calls.state(group, in: probe)
  },
]

private let states: [Check] = [
  Check(
    "panthor.group_state.new", "GROUP_GET_STATE of a new group returns 0 in every field."
  ) { probe in
    let group = try Calls.group(queues: 2, in: probe)
    try expect(try Calls.state(group, in: probe), 0, fatalQueues: 0, group: 0, in: probe)
  },
  Check(
    "panthor.group_state.unknown",
    "GROUP_GET_STATE of an unknown handle fails with EINVAL and does not change the argument."
  ) { probe in
    let argument = try Calls.state(3, .EINVAL, in: probe)
    try expect(argument, 0x55, fatalQueues: 0x66, group: 3, in: probe)
  },
  Check("panthor.group_state.pad", "GROUP_GET_STATE with a nonzero pad fails with EINVAL.") {
    probe in
    let group = try Calls.group(in: probe)
    try Calls.state(group, pad: 1, .EINVAL, in: probe)
    try Calls.state(group, in: probe)
  },
  Check(
    "panthor.group_state.vm_destroyed",
    "A group outlives its VM, in which no other group can be created after VM_DESTROY."
  ) { probe in
    let vm = try Calls.createVM(in: probe)
    let group = try Calls.group(vm: vm, in: probe)
    let creation = try Calls.Creation(in: vm, probe)
    try Calls.destroyVM(vm, in: probe)
    try Calls.expectState(group, 0, in: probe)
    try Calls.submit([Calls.Submission()], to: group, in: probe)
    try Calls.create(creation, .EINVAL, in: probe)
    try Calls.destroy(group, in: probe)
  },
]

private func expect(
  _ argument: cdrm_panthor_group_get_state, _ state: UInt32, fatalQueues: UInt32, group: UInt32,
  in probe: Probe
) throws {
  try probe.expectEqual("state", argument.state, state)
  try probe.expectEqual("fatal queues", argument.fatal_queues, fatalQueues)
  try probe.expectEqual("group", argument.group_handle, group)
}
