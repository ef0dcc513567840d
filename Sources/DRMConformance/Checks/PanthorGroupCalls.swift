// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// panthor's VM and group ioctls with arguments that the typed client cannot express.
enum PanthorGroupCalls {
  /// The argument of GROUP_CREATE: by default, a valid one.
  struct Creation {
    var queues = [Self.queue]
    var argument: cdrm_panthor_group_create
    /// An address that replaces that of the queues.
    var address: UInt64?

    private static let queue = cdrm_panthor_queue_create(
      priority: 1, pad: (0, 0, 0), ringbuf_size: 4096)

    /// Creates an argument for one queue in a VM, with all cores of the GPU.
    init(in vm: UInt32, _ probe: Probe) throws {
      let info = try PanthorGroupCalls.query(
        CDRM_PANTHOR_DEV_QUERY_GPU_INFO, cdrm_panthor_gpu_info(), size: 96, in: probe)
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

    /// Replaces the queues by `count` equal ones.
    mutating func repeatQueue(_ count: Int) {
      queues = [cdrm_panthor_queue_create](repeating: Self.queue, count: count)
      argument.queues.count = UInt32(count)
    }
  }

  /// Creates a group, judges the outcome, and returns the handle, which is 99 after a failure.
  @discardableResult
  static func create(
    _ creation: Creation, _ outcome: Outcome = .success, in probe: Probe
  ) throws -> UInt32 {
    try unsafe creation.queues.withUnsafeBufferPointer { queues in
      var argument = creation.argument
      argument.queues.array = creation.address ?? UInt64(UInt(bitPattern: queues.baseAddress))
      return try probe.call(cdrm_request_panthor_group_create, argument, outcome).group_handle
    }
  }

  /// Creates a group with some queues, by default in a new VM.
  static func group(queues: Int = 1, vm: UInt32? = nil, in probe: Probe) throws -> UInt32 {
    let vm = try vm ?? createVM(in: probe)
    var creation = try Creation(in: vm, probe)
    creation.repeatQueue(queues)
    return try create(creation, in: probe)
  }

  static func createVM(in probe: Probe) throws -> UInt32 {
    try probe.call(cdrm_request_panthor_vm_create, cdrm_panthor_vm_create()).id
  }

  static func destroyVM(
    _ id: UInt32, _ outcome: Outcome = .success, in probe: Probe
  ) throws {
    try probe.call(
      cdrm_request_panthor_vm_destroy, cdrm_panthor_vm_destroy(id: id, pad: 0), outcome)
  }

  /// Destroys a group and judges the outcome.
  static func destroy(
    _ handle: UInt32, pad: UInt32 = 0, _ outcome: Outcome = .success,
    on descriptor: CInt? = nil, in probe: Probe
  ) throws {
    try probe.call(
      cdrm_request_panthor_group_destroy,
      cdrm_panthor_group_destroy(group_handle: handle, pad: pad), outcome, on: descriptor)
  }

  /// Performs GROUP_GET_STATE with nonzero outputs, judges the outcome, and returns the argument.
  @discardableResult
  static func state(
    _ handle: UInt32, pad: UInt32 = 0, _ outcome: Outcome = .success,
    on descriptor: CInt? = nil, in probe: Probe
  ) throws -> cdrm_panthor_group_get_state {
    try probe.call(
      cdrm_request_panthor_group_get_state,
      cdrm_panthor_group_get_state(
        group_handle: handle, state: 0x55, fatal_queues: 0x66, pad: pad), outcome, on: descriptor)
  }

  /// Judges the state of a group.
  static func expectState(
    _ handle: UInt32, _ state: Int, fatalQueues: UInt32 = 0, in probe: Probe
  ) throws {
    let found = try self.state(handle, in: probe)
    try probe.expectEqual("state", found.state, UInt32(state))
    try probe.expectEqual("fatal queues", found.fatal_queues, fatalQueues)
  }

  /// One submission: by default, to the first queue, without a stream.
  struct Submission {
    var queue: UInt32 = 0
    var size: UInt32 = 0
    var address: UInt64 = 0
    var flush: UInt32 = 0
    var pad: UInt32 = 0
    var syncs: PanthorSyncArray = []
  }

  /// Performs GROUP_SUBMIT and judges the outcome; `address` replaces that of the submissions.
  static func submit(
    _ submissions: [Submission], to group: UInt32, pad: UInt32 = 0, stride: UInt32 = 40,
    address: UInt64? = nil, _ outcome: Outcome = .success, in probe: Probe
  ) throws {
    let answer = PanthorSyncArray.withElements(
      of: submissions, syncs: \.syncs, stride: stride, address: address
    ) { submission, syncs in
      cdrm_panthor_queue_submit(
        queue_index: submission.queue, stream_size: submission.size,
        stream_addr: submission.address, latest_flush: submission.flush, pad: submission.pad,
        syncs: syncs)
    } _: { array in
      var argument = cdrm_panthor_group_submit(
        group_handle: group, pad: pad, queue_submits: array)
      return probe.ioctl(cdrm_request_panthor_group_submit, &argument)
    }
    try probe.expect(answer, outcome)
  }

  /// Performs DEV_QUERY and returns the information.
  static func query<Info: BitwiseCopyable>(
    _ type: Int, _ info: Info, size: Int = MemoryLayout<Info>.size, in probe: Probe
  ) throws -> Info {
    var info = info
    try unsafe withUnsafeMutablePointer(to: &info) { pointer in
      let query = cdrm_panthor_dev_query(
        type: UInt32(type), size: UInt32(size), pointer: UInt64(UInt(bitPattern: pointer)))
      try probe.call(cdrm_request_panthor_dev_query, query)
    }
    return info
  }
}
