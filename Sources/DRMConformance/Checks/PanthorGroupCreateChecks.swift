// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

private typealias Calls = PanthorGroupCalls

/// What `DRM_IOCTL_PANTHOR_GROUP_CREATE` takes and refuses, and in which order.
let panthorGroupCreateChecks: [Check] = (arrays + values).map { $0.requiring(.driver("panthor")) }

private let arrays: [Check] = [
  refused("no_queues", "A group without queues is EINVAL.") { $0.argument.queues.count = 0 },
  refused("over_32_queues", "More than 32 queues are EINVAL before the array is looked at.") {
    $0.repeatQueue(33)
    $0.address = 0
  },
  Check(
    "panthor.group_create.streams",
    "There may be as many queues as the GPU has command streams, and no more: EINVAL."
  ) { probe in
    let streams = try streams(in: probe)
    try probe.expectEqual("a group's limit", 1...31 ~= streams, true)
    var creation = try creation(in: probe)
    creation.repeatQueue(streams)
    try probe.expect(Calls.create(creation, in: probe).answer, .success)
    creation.repeatQueue(streams + 1)
    try probe.expect(Calls.create(creation, in: probe).answer, .EINVAL)
  },
  Check(
    "panthor.group_create.array_first",
    "An array that is nowhere is EFAULT, whatever else is wrong."
  ) { probe in
    var creation = try creation(in: probe)
    creation.address = 0
    creation.argument.priority = 9
    creation.argument.pad = 1
    creation.argument.vm_id = 31
    try probe.expect(Calls.create(creation, in: probe).answer, .EFAULT)
  },
  Check(
    "panthor.group_create.array_cut_off", "An array that ends where memory does not is EFAULT."
  ) { probe in
    let page = try GuardedPage()
    var creation = try creation(in: probe)
    creation.repeatQueue(2)
    creation.address = page.end - 8
    try probe.expect(Calls.create(creation, in: probe).answer, .EFAULT)
  },
  refused("short_stride", "A stride below the element's size is EINVAL before the address.") {
    $0.argument.queues.stride = 7
    $0.address = 0
  },
  Check("panthor.group_create.long_stride", "A longer stride needs a tail of zeroes.") { probe in
    var creation = try creation(in: probe)
    creation.queues.append(cdrm_panthor_queue_create())
    creation.argument.queues.stride = 16
    try probe.expect(Calls.create(creation, in: probe).answer, .success)
    creation.queues[1].ringbuf_size = 1
    try probe.expect(Calls.create(creation, in: probe).answer, .errno(.E2BIG))
  },
]

private let values: [Check] = [
  refused("pad", "GROUP_CREATE with a nonzero pad is EINVAL.") { $0.argument.pad = 1 },
  refused("unknown_priority", "A priority that nobody knows is EINVAL.") {
    $0.argument.priority = 4
  },
  refused("realtime", "Before 1.2 there is no realtime priority: EINVAL.", .before(minor: 2)) {
    $0.argument.priority = 3
  },
  Check(
    "panthor.group_create.priorities",
    "The priorities that DEV_QUERY names are allowed, and the others EACCES whatever follows.",
    .since(minor: 2)
  ) { probe in
    let allowed = try allowedPriorities(in: probe)
    for priority: UInt8 in 0...3 {
      var creation = try creation(in: probe)
      creation.argument.priority = priority
      let isAllowed = allowed >> priority & 1 == 1
      try probe.expect(
        Calls.create(creation, in: probe).answer, isAllowed ? .success : .EACCES)
      creation.argument.pad = 1
      try probe.expect(
        Calls.create(creation, in: probe).answer, isAllowed ? .EINVAL : .EACCES)
    }
  },
  refused("compute_cores", "A mask with a compute core that is not there is EINVAL.") {
    $0.argument.compute_core_mask = .max
  },
  refused("fragment_cores", "A mask with a fragment core that is not there is EINVAL.") {
    $0.argument.fragment_core_mask |= 1 << 63
  },
  refused("tiler_cores", "A mask with a tiler core that is not there is EINVAL.") {
    $0.argument.tiler_core_mask |= 1 << 63
  },
  refused("few_compute_cores", "More compute cores at once than in the mask are EINVAL.") {
    $0.argument.max_compute_cores = UInt8($0.argument.compute_core_mask.nonzeroBitCount + 1)
  },
  refused("few_fragment_cores", "More fragment cores at once than in the mask are EINVAL.") {
    $0.argument.max_fragment_cores = UInt8($0.argument.fragment_core_mask.nonzeroBitCount + 1)
  },
  refused("few_tiler_cores", "More tiler cores at once than in the mask are EINVAL.") {
    $0.argument.max_tiler_cores = UInt8($0.argument.tiler_core_mask.nonzeroBitCount + 1)
  },
  Check("panthor.group_create.no_cores", "A group may do without cores altogether.") { probe in
    var creation = try creation(in: probe)
    creation.argument.max_compute_cores = 0
    creation.argument.max_fragment_cores = 0
    creation.argument.max_tiler_cores = 0
    creation.argument.compute_core_mask = 0
    creation.argument.fragment_core_mask = 0
    creation.argument.tiler_core_mask = 0
    try probe.expect(Calls.create(creation, in: probe).answer, .success)
  },
  Check(
    "panthor.group_create.ring_sizes",
    "A ring buffer has a power of two bytes, from 4 KiB to 64 KiB; else it is EINVAL."
  ) { probe in
    var creation = try creation(in: probe)
    for size in [4096, 8192, 16384, 32768, 65536] as [UInt32] {
      creation.queues[0].ringbuf_size = size
      try probe.expect(Calls.create(creation, in: probe).answer, .success)
    }
    for size in [0, 1024, 2048, 4097, 12288, 131072, 1 << 31] as [UInt32] {
      creation.queues[0].ringbuf_size = size
      try probe.expect(Calls.create(creation, in: probe).answer, .EINVAL)
    }
  },
  Check("panthor.group_create.queue_priority", "A queue's priority is 15 at most.") { probe in
    var creation = try creation(in: probe)
    creation.queues[0].priority = 15
    try probe.expect(Calls.create(creation, in: probe).answer, .success)
    creation.queues[0].priority = 16
    try probe.expect(Calls.create(creation, in: probe).answer, .EINVAL)
  },
  Check("panthor.group_create.queue_pad", "A queue's three bytes of pad are zero.") { probe in
    var creation = try creation(in: probe)
    for pad in [(1, 0, 0), (0, 1, 0), (0, 0, 1)] as [(UInt8, UInt8, UInt8)] {
      creation.queues[0].pad = pad
      try probe.expect(Calls.create(creation, in: probe).answer, .EINVAL)
    }
  },
  refused("second_queue", "One queue that is wrong is enough: EINVAL.") {
    $0.repeatQueue(2)
    $0.queues[1].ringbuf_size = 1
  },
  Check("panthor.group_create.unknown_vm", "A VM that never was is EINVAL, number 0 too.") {
    probe in
    var creation = try creation(in: probe)
    for vm in [0, 31] as [UInt32] {
      creation.argument.vm_id = vm
      try probe.expect(Calls.create(creation, in: probe).answer, .EINVAL)
    }
  },
]

/// A check that one change makes a group EINVAL.
private func refused(
  _ name: String, _ statement: String, _ requires: Requirement...,
  change: @escaping @Sendable (inout Calls.Creation) -> Void
) -> Check {
  Check("panthor.group_create.\(name)", statement, requires) { probe in
    var creation = try creation(in: probe)
    change(&creation)
    let (answer, handle) = Calls.create(creation, in: probe)
    try probe.expect(answer, .EINVAL)
    try probe.expectEqual("handle", handle, 99)
  }
}

private func creation(in probe: Probe) throws -> Calls.Creation {
  try Calls.Creation(in: try Calls.createVM(in: probe), probe)
}

/// How many command streams a group of this GPU has.
private func streams(in probe: Probe) throws -> Int {
  var info = cdrm_panthor_csif_info()
  try query(CDRM_PANTHOR_DEV_QUERY_CSIF_INFO, &info, in: probe)
  return Int(info.cs_slot_count)
}

private func allowedPriorities(in probe: Probe) throws -> UInt8 {
  var info = cdrm_panthor_group_priorities_info()
  try query(CDRM_PANTHOR_DEV_QUERY_GROUP_PRIORITIES_INFO, &info, in: probe)
  return info.allowed_mask
}

private func query<Info: BitwiseCopyable>(
  _ type: Int, _ info: inout Info, in probe: Probe
) throws {
  try unsafe withUnsafeMutablePointer(to: &info) { pointer in
    var query = cdrm_panthor_dev_query()
    query.type = UInt32(type)
    query.size = UInt32(MemoryLayout<Info>.size)
    query.pointer = UInt64(UInt(bitPattern: pointer))
    try probe.expect(probe.ioctl(cdrm_request_panthor_dev_query, &query), .success)
  }
}
