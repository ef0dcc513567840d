// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

/// Owns a group of hardware queues of a panthor node: `DRM_IOCTL_PANTHOR_GROUP_CREATE`.
public struct PanthorGroup: ~Copyable, Sendable {
  private let object: OwnedObject

  /// The group's number in its node.
  public var id: UInt32 { object.id }

  /// The state of a group: `DRM_PANTHOR_GROUP_STATE_*`.
  public struct State: OptionSet, Hashable, Sendable {
    /// The flags as the ioctl returns them.
    public let rawValue: UInt32

    /// Creates a set from its flags.
    public init(rawValue: UInt32) {
      self.rawValue = rawValue
    }

    /// A job exceeded the time limit; the group takes no more jobs.
    public static let timedOut = State(rawValue: 1 << 0)
    /// A queue had a fault that it cannot recover from.
    public static let fatalFault = State(rawValue: 1 << 1)
    /// The group was terminated because of another group: from panthor 1.3 on.
    public static let innocent = State(rawValue: 1 << 2)
  }

  init(_ object: consuming OwnedObject) {
    self.object = object
  }

  /// Destroys the group and its running jobs, and reports an error; the end of its scope does it too.
  ///
  /// - Throws: what `DRM_IOCTL_PANTHOR_GROUP_DESTROY` returned.
  public consuming func destroy() throws(DRMError) { try object.destroy() }

  /// Queries the state, and a mask of the queues with a fatal fault: `DRM_IOCTL_PANTHOR_GROUP_GET_STATE`.
  ///
  /// - Throws: what the ioctl returned.
  public func state() throws(DRMError) -> (state: State, fatalQueues: UInt32) {
    var argument = cdrm_panthor_group_get_state()
    argument.group_handle = id
    try object.file.perform(
      .queryGroup, cdrm_request_panthor_group_get_state, &argument, on: .group(id))
    return (State(rawValue: argument.state), argument.fatal_queues)
  }

  /// Submits a command stream to one of the queues: `DRM_IOCTL_PANTHOR_GROUP_SUBMIT`.
  ///
  /// - Parameters:
  ///   - stream: GPU addresses of whole instructions, in the group's VM.
  ///   - queue: the index of the queue, from 0.
  ///   - waits: fences that must be signaled before the stream runs.
  ///   - signals: syncobjs that get the stream's fence.
  /// - Throws: EINVAL for an unknown queue, an address that is not aligned, or a terminated group; ENOENT for
  ///   an unknown syncobj.
  public func submit(
    _ stream: Range<UInt64>, to queue: Int, after waits: [SyncPoint] = [],
    signaling signals: [SyncPoint] = []
  ) throws(DRMError) {
    let syncs =
      waits.map { $0.operation(flags: 0) }
      + signals.map { $0.operation(flags: CDRM_PANTHOR_SYNC_OP_SIGNAL) }
    try unsafe syncs.withUnsafeBufferPointer { syncs throws(DRMError) in
      var submission = cdrm_panthor_queue_submit()
      submission.queue_index = UInt32(queue)
      submission.stream_size = UInt32(truncatingIfNeeded: stream.upperBound - stream.lowerBound)
      submission.stream_addr = stream.lowerBound
      submission.syncs = unsafe cdrm_panthor_obj_array(syncs)
      try unsafe withUnsafePointer(to: &submission) { pointer throws(DRMError) in
        var argument = cdrm_panthor_group_submit()
        argument.group_handle = id
        argument.queue_submits = unsafe cdrm_panthor_obj_array(
          UnsafeBufferPointer(start: pointer, count: 1))
        try object.file.perform(
          .submit, cdrm_request_panthor_group_submit, &argument, on: .group(id))
      }
    }
  }
}

extension SyncPoint {
  /// Encodes the point for panthor.
  func operation(flags: UInt32) -> cdrm_panthor_sync_op {
    let type =
      value == nil
      ? CDRM_PANTHOR_SYNC_OP_HANDLE_TYPE_SYNCOBJ
      : CDRM_PANTHOR_SYNC_OP_HANDLE_TYPE_TIMELINE_SYNCOBJ
    return cdrm_panthor_sync_op(
      flags: flags | UInt32(type), handle: syncobj.rawValue, timeline_value: value ?? 0)
  }
}

extension cdrm_panthor_obj_array {
  /// Describes an array, which must outlive the call.
  init<Element>(_ elements: UnsafeBufferPointer<Element>) {
    self.init(
      stride: UInt32(MemoryLayout<Element>.stride), count: UInt32(elements.count),
      array: UInt64(UInt(bitPattern: elements.baseAddress)))
  }
}

extension DRMNode {
  /// Queries how many queues a group can have: the command streams of one slot of the firmware.
  ///
  /// The ioctl is `DRM_IOCTL_PANTHOR_DEV_QUERY` with `CSIF_INFO`.
  ///
  /// - Throws: what the ioctl returned; `notOffered` for a driver without groups.
  public func mostQueues() throws(DRMError) -> Int {
    try uapi.require(.queueGroups, .createGroup, in: file)
    return try uapi.mostQueues(in: file)
  }

  /// Creates a group of queues on all cores of the GPU, whose streams run in a VM.
  ///
  /// The ioctl is `DRM_IOCTL_PANTHOR_GROUP_CREATE`.
  ///
  /// - Parameters:
  ///   - queues: the number of queues.
  ///   - vm: the address space of the streams.
  ///   - ringBufferSize: in bytes, a power of two from 4 KiB to 64 KiB.
  /// - Throws: EINVAL for more queues than a group has streams.
  public func createGroup(
    queues: Int, in vm: borrowing PanthorVM, ringBufferSize: UInt32 = 64 << 10
  ) throws(DRMError) -> PanthorGroup {
    try uapi.require(.queueGroups, .createGroup, in: file)
    let cores = try uapi.cores(in: file)
    let created = [cdrm_panthor_queue_create](
      repeating: cdrm_panthor_queue_create(
        priority: 0, pad: (0, 0, 0), ringbuf_size: ringBufferSize),
      count: queues)
    var id: UInt32 = 0
    try unsafe created.withUnsafeBufferPointer { created throws(DRMError) in
      var argument = cdrm_panthor_group_create()
      argument.queues = unsafe cdrm_panthor_obj_array(created)
      argument.priority = UInt8(CDRM_PANTHOR_GROUP_PRIORITY_MEDIUM)
      argument.max_compute_cores = UInt8(cores.shader.nonzeroBitCount)
      argument.max_fragment_cores = UInt8(cores.shader.nonzeroBitCount)
      argument.max_tiler_cores = UInt8(cores.tiler.nonzeroBitCount)
      argument.compute_core_mask = cores.shader
      argument.fragment_core_mask = cores.shader
      argument.tiler_core_mask = cores.tiler
      argument.vm_id = vm.id
      try file.perform(
        .createGroup, cdrm_request_panthor_group_create, &argument, on: .node(file.path))
      id = argument.group_handle
    }
    return PanthorGroup(OwnedObject(.group, id, in: file))
  }
}
