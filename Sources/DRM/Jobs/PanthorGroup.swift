// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

/// Owns a group of hardware queues of a panthor node: `DRM_IOCTL_PANTHOR_GROUP_CREATE`.
public struct PanthorGroup: ~Copyable, Sendable {
  private let file: DRMFile
  private var owned: UInt32?

  /// The group's number in its node.
  public let id: UInt32

  /// What became of a group.
  public struct State: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
      self.rawValue = rawValue
    }

    /// A job lasted too long; nothing can be submitted any more.
    public static let timedOut = State(rawValue: 1 << 0)
    /// A queue came upon a fault that it cannot recover from.
    public static let fatalFault = State(rawValue: 1 << 1)
    /// It was ended for what another group did: from panthor 1.3 on.
    public static let innocent = State(rawValue: 1 << 2)
  }

  init(file: DRMFile, id: UInt32) {
    self.file = file
    self.id = id
    owned = id
  }

  deinit {
    if let owned { try? Self.destroy(owned, in: file) }
  }

  /// Destroys the group with what still runs on it, and reports what that answered.
  public consuming func destroy() throws(DRMError) {
    if let id = owned.take() { try Self.destroy(id, in: file) }
  }

  private static func destroy(_ id: UInt32, in file: DRMFile) throws(DRMError) {
    var argument = cdrm_panthor_group_destroy(group_handle: id, pad: 0)
    try file.perform(
      .destroyGroup, cdrm_request_panthor_group_destroy, &argument, on: .group(id))
  }

  /// What became of the group, and the queues with a fatal fault as a mask: `DRM_IOCTL_PANTHOR_GROUP_GET_STATE`.
  public func state() throws(DRMError) -> (state: State, fatalQueues: UInt32) {
    var argument = cdrm_panthor_group_get_state()
    argument.group_handle = id
    try file.perform(
      .queryGroup, cdrm_request_panthor_group_get_state, &argument, on: .group(id))
    return (State(rawValue: argument.state), argument.fatal_queues)
  }

  /// Submits a command stream to one of the queues: `DRM_IOCTL_PANTHOR_GROUP_SUBMIT`.
  ///
  /// - Parameters:
  ///   - stream: GPU addresses of whole instructions, in the group's VM.
  ///   - queue: which of the queues it was created with, from 0.
  ///   - waits: fences that must be signaled before.
  ///   - signals: what gets the stream's fence.
  /// - Throws: EINVAL for a queue that is none, an address that is not aligned, or a group that has ended;
  ///   ENOENT for a syncobj that is none.
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
        try file.perform(
          .submit, cdrm_request_panthor_group_submit, &argument, on: .group(id))
      }
    }
  }
}

extension SyncPoint {
  /// The form in which panthor takes it.
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
  /// Names the elements of an array that outlives the call.
  init<Element>(_ elements: UnsafeBufferPointer<Element>) {
    self.init(
      stride: UInt32(MemoryLayout<Element>.stride), count: UInt32(elements.count),
      array: UInt64(UInt(bitPattern: elements.baseAddress)))
  }
}

extension DRMNode {
  /// Creates a group of queues whose streams see a VM, on as many cores as the GPU has.
  ///
  /// - Parameters:
  ///   - queues: how many.
  ///   - ringBufferSize: in bytes, a power of two from 4 KiB to 64 KiB.
  /// - Throws: EINVAL for more queues than a group has streams.
  public func createGroup(
    queues: Int, in vm: borrowing PanthorVM, ringBufferSize: UInt32 = 64 << 10
  ) throws(DRMError) -> PanthorGroup {
    try driver.require(.queueGroups, .createGroup, in: file)
    let cores = try driver.cores(in: file)
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
    return PanthorGroup(file: file, id: id)
  }
}
