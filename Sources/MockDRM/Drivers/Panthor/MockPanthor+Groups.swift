// SPDX-License-Identifier: MIT

internal import CDRM
internal import CMockSupport
internal import DRMKernel

/// Groups of queues and their submissions: `panthor_sched.c`.
extension MockPanthor {
  // MAX_CS_PER_CSG, and the number of streams that the GPU has per group.
  private static let mostQueues = 32
  private static let streams = 8
  private static let mostQueuePriority = 15
  private static let ringSizes: ClosedRange<UInt32> = 4096...65536

  static func createGroup(
    _ file: MockFile, _ argument: inout cdrm_panthor_group_create
  ) throws(Errno) {
    guard 1...mostQueues ~= Int(argument.queues.count) else { throw .EINVAL }
    let queues = try ObjectArray.copy(argument.queues, of: cdrm_panthor_queue_create.self)
    try permit(argument.priority, minor: file.device.profile.minor)
    guard argument.pad == 0 else { throw .EINVAL }
    try checkCores(argument, of: gpuInfo(file.device.profile))
    guard queues.count <= streams else { throw .EINVAL }
    let vm = try file.panthor.vms.find(argument.vm_id)
    // Since 7.2 the handle is allocated before the queues are created.
    if file.device.profile.kernel >= .v7_2 { try file.panthor.groups.requireFree() }
    for queue in queues {
      guard queue.pad == (0, 0, 0), ringSizes ~= queue.ringbuf_size,
        queue.ringbuf_size.nonzeroBitCount == 1, queue.priority <= mostQueuePriority
      else { throw .EINVAL }
    }
    argument.group_handle = try file.panthor.groups.insert(
      PanthorGroup(in: vm, queues: queues.count, jobs: file.device.jobs))
  }

  /// Checks a priority: `group_priority_permit`.
  ///
  /// High and realtime need CAP_SYS_NICE; realtime needs minor 2.
  private static func permit(_ priority: UInt8, minor: Int) throws(Errno) {
    let highest =
      minor >= 2 ? CDRM_PANTHOR_GROUP_PRIORITY_REALTIME : CDRM_PANTHOR_GROUP_PRIORITY_HIGH
    guard Int(priority) <= highest else { throw .EINVAL }
    guard Int(priority) <= CDRM_PANTHOR_GROUP_PRIORITY_MEDIUM || cmock_is_superuser() else {
      throw .EACCES
    }
  }

  /// Requires masks of existing cores, each with at least the maximum number of cores in use.
  private static func checkCores(
    _ argument: cdrm_panthor_group_create, of gpu: cdrm_panthor_gpu_info
  ) throws(Errno) {
    let masks = [
      (argument.compute_core_mask, gpu.shader_present, argument.max_compute_cores),
      (argument.fragment_core_mask, gpu.shader_present, argument.max_fragment_cores),
      (argument.tiler_core_mask, gpu.tiler_present, argument.max_tiler_cores),
    ]
    for (mask, present, most) in masks {
      guard mask & ~present == 0, mask.nonzeroBitCount >= Int(most) else { throw .EINVAL }
    }
  }

  static func destroyGroup(
    _ file: MockFile, _ argument: inout cdrm_panthor_group_destroy
  ) throws(Errno) {
    guard argument.pad == 0 else { throw .EINVAL }
    try file.panthor.groups.remove(argument.group_handle).destroy()
  }

  /// Overwrites the whole argument, so the handle returns as 0: `panthor_group_get_state`.
  static func stateOfGroup(
    _ file: MockFile, _ argument: inout cdrm_panthor_group_get_state
  ) throws(Errno) {
    guard argument.pad == 0 else { throw .EINVAL }
    let group = try file.panthor.groups.find(argument.group_handle)
    argument = cdrm_panthor_group_get_state(
      group_handle: 0, state: group.state, fatal_queues: group.fatalQueues, pad: 0)
  }

  /// Submits streams; the group's handle is not checked where there are none.
  static func submit(
    _ file: MockFile, _ argument: inout cdrm_panthor_group_submit
  ) throws(Errno) {
    guard argument.pad == 0 else { throw .EINVAL }
    let submissions = try ObjectArray.copy(
      argument.queue_submits, of: cdrm_panthor_queue_submit.self)
    var batch = PanthorBatch(of: file)
    for submission in submissions {
      let stream = try stream(of: submission)
      let group = try file.panthor.groups.find(argument.group_handle)
      let index = Int(submission.queue_index)
      guard group.canRun, index < group.queues.count else { throw .EINVAL }
      let job = StreamJob(
        stream, on: index, of: group, isCoherent: file.device.snoops)
      try batch.add(job, on: group.jobQueue(index), syncs: submission.syncs)
    }
    try batch.submit()
  }

  /// Returns the stream of a submission; nil for an empty job, whose address and size are 0.
  ///
  /// A stream is aligned to 64 bytes and consists of whole instructions: `panthor_job_create`.
  private static func stream(
    of submission: cdrm_panthor_queue_submit
  ) throws(Errno) -> StreamJob.Stream? {
    let unusedFlushBits: UInt32 = 0x7f00_0000
    guard submission.pad == 0,
      (submission.stream_size == 0) == (submission.stream_addr == 0),
      submission.stream_addr % 64 == 0, submission.stream_size % 8 == 0,
      submission.latest_flush & unusedFlushBits == 0
    else { throw .EINVAL }
    guard submission.stream_size > 0 else { return nil }
    return StreamJob.Stream(address: submission.stream_addr, length: submission.stream_size)
  }
}
