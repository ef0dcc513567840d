// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// panthor's group ioctls in whatever shape a check wants them.
enum PanthorGroupCalls {
  /// What GROUP_CREATE is given; as it stands, nothing is wrong with it.
  struct Creation {
    var queues = [Self.queue]
    var argument: cdrm_panthor_group_create
    /// An address that takes the array's place.
    var address: UInt64?

    private static let queue = cdrm_panthor_queue_create(
      priority: 1, pad: (0, 0, 0), ringbuf_size: 4096)

    /// One queue in a VM, on all cores that the GPU has.
    init(in vm: UInt32, _ probe: Probe) throws {
      var info = cdrm_panthor_gpu_info()
      try unsafe withUnsafeMutablePointer(to: &info) { pointer in
        var query = cdrm_panthor_dev_query()
        query.type = UInt32(CDRM_PANTHOR_DEV_QUERY_GPU_INFO)
        query.size = 96
        query.pointer = UInt64(UInt(bitPattern: pointer))
        try probe.expect(probe.ioctl(cdrm_request_panthor_dev_query, &query), .success)
      }
      argument = cdrm_panthor_group_create()
      argument.queues.stride = 8
      argument.queues.count = 1
      argument.max_compute_cores = 1
      argument.max_fragment_cores = 1
      argument.max_tiler_cores = 1
      argument.priority = UInt8(CDRM_PANTHOR_GROUP_PRIORITY_MEDIUM)
      argument.compute_core_mask = info.shader_present
      argument.fragment_core_mask = info.shader_present
      argument.tiler_core_mask = info.tiler_present
      argument.vm_id = vm
      argument.group_handle = 99
    }

    /// Takes so many queues that are alike.
    mutating func repeatQueue(_ count: Int) {
      queues = [cdrm_panthor_queue_create](repeating: Self.queue, count: count)
      argument.queues.count = UInt32(count)
    }
  }

  /// Creates a group; the handle stays what it was where that fails.
  static func create(_ creation: Creation, in probe: Probe) -> (answer: CInt, handle: UInt32) {
    unsafe creation.queues.withUnsafeBufferPointer { queues in
      var argument = creation.argument
      argument.queues.array = creation.address ?? UInt64(UInt(bitPattern: queues.baseAddress))
      let answer = probe.ioctl(cdrm_request_panthor_group_create, &argument)
      return (answer, argument.group_handle)
    }
  }

  /// A group with some queues, in a VM of its own unless one is given.
  static func group(queues: Int = 1, vm: UInt32? = nil, in probe: Probe) throws -> UInt32 {
    let vm = try vm ?? createVM(in: probe)
    var creation = try Creation(in: vm, probe)
    creation.repeatQueue(queues)
    let (answer, handle) = create(creation, in: probe)
    try probe.expect(answer, .success)
    return handle
  }

  static func createVM(in probe: Probe) throws -> UInt32 {
    var argument = cdrm_panthor_vm_create()
    try probe.expect(probe.ioctl(cdrm_request_panthor_vm_create, &argument), .success)
    return argument.id
  }

  static func destroyVM(_ id: UInt32, in probe: Probe) -> CInt {
    var argument = cdrm_panthor_vm_destroy(id: id, pad: 0)
    return probe.ioctl(cdrm_request_panthor_vm_destroy, &argument)
  }

  static func destroy(
    _ handle: UInt32, pad: UInt32 = 0, on descriptor: CInt? = nil, in probe: Probe
  ) -> CInt {
    var argument = cdrm_panthor_group_destroy(group_handle: handle, pad: pad)
    return probe.ioctl(cdrm_request_panthor_group_destroy, &argument, on: descriptor)
  }

  /// Asks for the state, with outputs that are not zero before.
  static func state(
    _ handle: UInt32, pad: UInt32 = 0, on descriptor: CInt? = nil, in probe: Probe
  ) -> (answer: CInt, argument: cdrm_panthor_group_get_state) {
    var argument = cdrm_panthor_group_get_state(
      group_handle: handle, state: 0x55, fatal_queues: 0x66, pad: pad)
    let answer = probe.ioctl(
      cdrm_request_panthor_group_get_state, &argument, on: descriptor)
    return (answer, argument)
  }

  /// Judges the state.
  static func expectState(
    _ handle: UInt32, _ state: Int, fatalQueues: UInt32 = 0, in probe: Probe
  ) throws {
    let found = self.state(handle, in: probe)
    try probe.expect(found.answer, .success)
    try probe.expectEqual("state", found.argument.state, UInt32(state))
    try probe.expectEqual("fatal queues", found.argument.fatal_queues, fatalQueues)
  }

  /// One of the submissions of a call: as it stands, nothing but a place in the first queue.
  struct Submission {
    var queue: UInt32 = 0
    var size: UInt32 = 0
    var address: UInt64 = 0
    var flush: UInt32 = 0
    var pad: UInt32 = 0
    var syncs: [cdrm_panthor_sync_op] = []
    var syncsStride: UInt32 = 16
    /// An address that takes the array's place.
    var syncsAddress: UInt64?
  }

  static func submit(
    _ submissions: [Submission], to group: UInt32, pad: UInt32 = 0, stride: UInt32 = 40,
    address: UInt64? = nil, in probe: Probe
  ) -> CInt {
    PanthorSyncs.withArrays(submissions.map(\.syncs)) { arrays in
      let elements = zip(submissions, arrays).map { submission, syncs in
        cdrm_panthor_queue_submit(
          queue_index: submission.queue, stream_size: submission.size,
          stream_addr: submission.address, latest_flush: submission.flush, pad: submission.pad,
          syncs: cdrm_panthor_obj_array(
            stride: submission.syncsStride, count: UInt32(submission.syncs.count),
            array: submission.syncsAddress ?? syncs))
      }
      return unsafe elements.withUnsafeBufferPointer { buffer in
        var argument = cdrm_panthor_group_submit(
          group_handle: group, pad: pad,
          queue_submits: cdrm_panthor_obj_array(
            stride: stride, count: UInt32(submissions.count),
            array: address ?? UInt64(UInt(bitPattern: buffer.baseAddress))))
        return probe.ioctl(cdrm_request_panthor_group_submit, &argument)
      }
    }
  }
}
