// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMDrivers
internal import DRMKernel

private typealias Calls = PanthorGroupCalls

/// The arguments that `DRM_IOCTL_PANTHOR_GROUP_CREATE` accepts, and the order of its errors.
let panthorGroupCreateChecks: [Check] = checks(of: .panthor, arrays + groups + queues)

private let arrays: [Check] = [
  refused("no_queues", "GROUP_CREATE without queues fails with EINVAL.") {
    $0.argument.queues.count = 0
  },
  refused("over_32_queues", "More than 32 queues fail with EINVAL before the array is copied.") {
    $0.repeatQueue(33)
    $0.address = 0
  },
  Check(
    "panthor.group_create.streams",
    "A group has up to cs_slot_count queues, and more fail with EINVAL."
  ) { probe in
    let info = try Calls.query(
      CDRM_PANTHOR_DEV_QUERY_CSIF_INFO, cdrm_panthor_csif_info(), in: probe)
    let streams = Int(info.cs_slot_count)
    try probe.expectEqual("a group's limit", 1...31 ~= streams, true)
    var creation = try creation(in: probe)
    creation.repeatQueue(streams)
    try Calls.create(creation, in: probe)
    creation.repeatQueue(streams + 1)
    try Calls.create(creation, .EINVAL, in: probe)
  },
  Check(
    "panthor.group_create.array_first",
    "A queues array at address 0 fails with EFAULT before any other field is checked."
  ) { probe in
    var creation = try creation(in: probe)
    creation.address = 0
    creation.argument.priority = 9
    creation.argument.pad = 1
    creation.argument.vm_id = 31
    try Calls.create(creation, .EFAULT, in: probe)
  },
  Check(
    "panthor.group_create.array_cut_off",
    "A queues array that ends in unmapped memory fails with EFAULT."
  ) { probe in
    let page = try GuardedPage()
    var creation = try creation(in: probe)
    creation.repeatQueue(2)
    creation.address = page.end - 8
    try Calls.create(creation, .EFAULT, in: probe)
  },
  refused(
    "short_stride", "A stride shorter than an element fails with EINVAL before the array is copied."
  ) {
    $0.argument.queues.stride = 7
    $0.address = 0
  },
  Check(
    "panthor.group_create.long_stride",
    "A stride longer than an element succeeds if the additional bytes are zero, else E2BIG."
  ) { probe in
    var creation = try creation(in: probe)
    creation.queues.append(cdrm_panthor_queue_create())
    creation.argument.queues.stride = 16
    try Calls.create(creation, in: probe)
    creation.queues[1].ringbuf_size = 1
    try Calls.create(creation, .errno(.E2BIG), in: probe)
  },
]

private let groups: [Check] = [
  refused("pad", "GROUP_CREATE with a nonzero pad fails with EINVAL.") { $0.argument.pad = 1 },
  refused("unknown_priority", "An unknown priority fails with EINVAL.") {
    $0.argument.priority = 4
  },
  refused("realtime", "Before 1.2, the priority REALTIME fails with EINVAL.", .before(minor: 2)) {
    $0.argument.priority = 3
  },
  Check(
    "panthor.group_create.priorities",
    "A priority that DEV_QUERY does not report fails with EACCES before pad is checked.",
    .since(minor: 2)
  ) { probe in
    let allowed = try Calls.query(
      CDRM_PANTHOR_DEV_QUERY_GROUP_PRIORITIES_INFO, cdrm_panthor_group_priorities_info(),
      in: probe
    ).allowed_mask
    for priority: UInt8 in 0...3 {
      var creation = try creation(in: probe)
      creation.argument.priority = priority
      let isAllowed = allowed >> priority & 1 == 1
      try Calls.create(creation, isAllowed ? .success : .EACCES, in: probe)
      creation.argument.pad = 1
      try Calls.create(creation, isAllowed ? .EINVAL : .EACCES, in: probe)
    }
  },
  refused("compute_cores", "A compute_core_mask with an absent core fails with EINVAL.") {
    $0.argument.compute_core_mask = .max
  },
  refused("fragment_cores", "A fragment_core_mask with an absent core fails with EINVAL.") {
    $0.argument.fragment_core_mask |= 1 << 63
  },
  refused("tiler_cores", "A tiler_core_mask with an absent core fails with EINVAL.") {
    $0.argument.tiler_core_mask |= 1 << 63
  },
  refused(
    "few_compute_cores",
    "A max_compute_cores above the number of cores in the mask fails with EINVAL."
  ) {
    $0.argument.max_compute_cores = UInt8($0.argument.compute_core_mask.nonzeroBitCount + 1)
  },
  refused(
    "few_fragment_cores",
    "A max_fragment_cores above the number of cores in the mask fails with EINVAL."
  ) {
    $0.argument.max_fragment_cores = UInt8($0.argument.fragment_core_mask.nonzeroBitCount + 1)
  },
  refused(
    "few_tiler_cores", "A max_tiler_cores above the number of cores in the mask fails with EINVAL."
  ) {
    $0.argument.max_tiler_cores = UInt8($0.argument.tiler_core_mask.nonzeroBitCount + 1)
  },
  Check("panthor.group_create.no_cores", "A group with empty core masks can be created.") { probe in
    var creation = try creation(in: probe)
    creation.argument.max_compute_cores = 0
    creation.argument.max_fragment_cores = 0
    creation.argument.max_tiler_cores = 0
    creation.argument.compute_core_mask = 0
    creation.argument.fragment_core_mask = 0
    creation.argument.tiler_core_mask = 0
    try Calls.create(creation, in: probe)
  },
]

private let queues: [Check] = [
  Check(
    "panthor.group_create.ring_sizes",
    "A ringbuf_size other than a power of two from 4 KiB to 64 KiB fails with EINVAL."
  ) { probe in
    var creation = try creation(in: probe)
    for size in [4096, 8192, 16384, 32768, 65536] as [UInt32] {
      creation.queues[0].ringbuf_size = size
      try Calls.create(creation, in: probe)
    }
    for size in [0, 1024, 2048, 4097, 12288, 131072, 1 << 31] as [UInt32] {
      creation.queues[0].ringbuf_size = size
      try Calls.create(creation, .EINVAL, in: probe)
    }
  },
  Check("panthor.group_create.queue_priority", "A queue priority above 15 fails with EINVAL.") {
    probe in
    var creation = try creation(in: probe)
    creation.queues[0].priority = 15
    try Calls.create(creation, in: probe)
    creation.queues[0].priority = 16
    try Calls.create(creation, .EINVAL, in: probe)
  },
  Check("panthor.group_create.queue_pad", "A queue with a nonzero byte of pad fails with EINVAL.") {
    probe in
    var creation = try creation(in: probe)
    for pad in [(1, 0, 0), (0, 1, 0), (0, 0, 1)] as [(UInt8, UInt8, UInt8)] {
      creation.queues[0].pad = pad
      try Calls.create(creation, .EINVAL, in: probe)
    }
  },
  refused("second_queue", "GROUP_CREATE fails with EINVAL if any queue is invalid.") {
    $0.repeatQueue(2)
    $0.queues[1].ringbuf_size = 1
  },
  Check(
    "panthor.group_create.unknown_vm", "GROUP_CREATE with an unknown VM or VM 0 fails with EINVAL."
  ) {
    probe in
    var creation = try creation(in: probe)
    for vm in [0, 31] as [UInt32] {
      creation.argument.vm_id = vm
      try Calls.create(creation, .EINVAL, in: probe)
    }
  },
]

/// A check that one change makes GROUP_CREATE fail with EINVAL.
private func refused(
  _ name: String, _ statement: String, _ requires: Requirement...,
  change: @escaping @Sendable (inout Calls.Creation) -> Void
) -> Check {
  Check("panthor.group_create.\(name)", statement, requires) { probe in
    var creation = try creation(in: probe)
    change(&creation)
    try probe.expectEqual("handle", try Calls.create(creation, .EINVAL, in: probe), 99)
  }
}

private func creation(in probe: Probe) throws -> Calls.Creation {
  try Calls.Creation(in: try Calls.createVM(in: probe), probe)
}
