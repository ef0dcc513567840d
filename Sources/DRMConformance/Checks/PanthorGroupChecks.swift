// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

private typealias Calls = PanthorGroupCalls

/// `DRM_IOCTL_PANTHOR_GROUP_DESTROY` and `_GET_STATE`, and how long groups last.
let panthorGroupChecks: [Check] = groups.map { $0.requiring(.driver("panthor")) }

private let groups: [Check] = [
  Check(
    "panthor.group_create.numbers", "Groups are numbered from 1, and a free number is taken again."
  ) { probe in
    let vm = try Calls.createVM(in: probe)
    for number: UInt32 in 1...3 {
      try probe.expectEqual("handle", try Calls.group(vm: vm, in: probe), number)
    }
    try probe.expect(Calls.destroy(2, in: probe), .success)
    try probe.expectEqual("handle", try Calls.group(vm: vm, in: probe), 2)
  },
  Check(
    "panthor.group_create.most",
    "A file has 128 groups at most, and then all but the queues is looked at before the EBUSY.",
    // Where no GPU answers, the driver waits for it a tenth of a second for every BO of each group.
    .jobs
  ) { probe in
    let creation = try Calls.Creation(in: try Calls.createVM(in: probe), probe)
    for _ in 0..<128 { try probe.expect(Calls.create(creation, in: probe).answer, .success) }
    try probe.expect(Calls.create(creation, in: probe).answer, .errno(.EBUSY))
    for change in [
      { $0.argument.pad = 1 }, { $0.argument.priority = 9 }, { $0.argument.vm_id = 31 },
      { $0.argument.tiler_core_mask = 0 },
    ] as [(inout Calls.Creation) -> Void] {
      var changed = creation
      change(&changed)
      try probe.expect(Calls.create(changed, in: probe).answer, .EINVAL)
    }
    var changed = creation
    changed.queues[0].priority = 16
    // Up to Linux 6.12 at least, the queues were made before a number was taken.
    try probe.expect(Calls.create(changed, in: probe).answer, .errno(.EBUSY, .EINVAL))
    try probe.expect(Calls.destroy(77, in: probe), .success)
    let (answer, handle) = Calls.create(creation, in: probe)
    try probe.expect(answer, .success)
    try probe.expectEqual("handle", handle, 77)
  },
  Check("panthor.group_destroy.pad", "GROUP_DESTROY with a nonzero pad is EINVAL.") { probe in
    let group = try Calls.group(in: probe)
    try probe.expect(Calls.destroy(group, pad: 1, in: probe), .EINVAL)
    try probe.expect(Calls.destroy(group, in: probe), .success)
  },
  Check("panthor.group_destroy.twice", "The second GROUP_DESTROY of a number is EINVAL.") {
    probe in
    let group = try Calls.group(in: probe)
    try probe.expect(Calls.destroy(group, in: probe), .success)
    try probe.expect(Calls.destroy(group, in: probe), .EINVAL)
  },
  Check("panthor.group_destroy.unknown", "A group that never was is EINVAL, not ENOENT.") {
    probe in
    for handle in [0, 1, 4711] as [UInt32] {
      try probe.expect(Calls.destroy(handle, in: probe), .EINVAL)
    }
  },
  Check("panthor.group_destroy.other_file", "Another file's group is none: EINVAL.") { probe in
    let group = try Calls.group(in: probe)
    let other = try probe.openAgain()
    try probe.expect(Calls.destroy(group, on: other.descriptor, in: probe), .EINVAL)
    try probe.expect(
      Calls.state(group, on: other.descriptor, in: probe).answer, .EINVAL)
    try probe.expect(Calls.state(group, in: probe).answer, .success)
  },
  Check(
    "panthor.group_state.new", "A new group's state is 0, and every field comes back as that."
  ) { probe in
    let group = try Calls.group(queues: 2, in: probe)
    let (answer, argument) = Calls.state(group, in: probe)
    try probe.expect(answer, .success)
    try probe.expectEqual("state", argument.state, 0)
    try probe.expectEqual("fatal queues", argument.fatal_queues, 0)
    try probe.expectEqual("group", argument.group_handle, 0)
  },
  Check(
    "panthor.group_state.unknown", "The state of a group that never was is EINVAL, untouched."
  ) { probe in
    let (answer, argument) = Calls.state(3, in: probe)
    try probe.expect(answer, .EINVAL)
    try probe.expectEqual("state", argument.state, 0x55)
    try probe.expectEqual("fatal queues", argument.fatal_queues, 0x66)
    try probe.expectEqual("group", argument.group_handle, 3)
  },
  Check("panthor.group_state.pad", "GROUP_GET_STATE with a nonzero pad is EINVAL.") { probe in
    let group = try Calls.group(in: probe)
    try probe.expect(Calls.state(group, pad: 1, in: probe).answer, .EINVAL)
    try probe.expect(Calls.state(group, in: probe).answer, .success)
  },
  Check(
    "panthor.group_state.vm_destroyed", "A group outlives its VM, which takes no other then."
  ) { probe in
    let vm = try Calls.createVM(in: probe)
    let group = try Calls.group(vm: vm, in: probe)
    let creation = try Calls.Creation(in: vm, probe)
    try probe.expect(Calls.destroyVM(vm, in: probe), .success)
    try Calls.expectState(group, 0, in: probe)
    try probe.expect(Calls.submit([Calls.Submission()], to: group, in: probe), .success)
    try probe.expect(Calls.create(creation, in: probe).answer, .EINVAL)
    try probe.expect(Calls.destroy(group, in: probe), .success)
  },
]
