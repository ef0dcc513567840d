// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// The number of a syncobj in its node; valid for as long as its owner lives.
public struct SyncobjHandle: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The number as ioctls carry it.
  public let rawValue: UInt32

  /// Creates a handle from a number that an ioctl returned.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The number.
  public var description: String { "\(rawValue)" }
}

/// The fence of a binary syncobj, or a point on the timeline of a syncobj.
public struct SyncPoint: Hashable, Sendable {
  /// The syncobj.
  public let syncobj: SyncobjHandle
  /// The point, from 1; nil for a binary syncobj.
  public let value: UInt64?

  /// Creates a reference to the fence of a syncobj, or to the fence at a point.
  public init(_ syncobj: SyncobjHandle, at value: UInt64? = nil) {
    self.syncobj = syncobj
    self.value = value
  }
}

/// The end of a wait: a time on CLOCK_MONOTONIC, as DRM's wait ioctls take it.
public struct Deadline: Hashable, Sendable {
  /// The time in nanoseconds.
  public let nanoseconds: Int64

  /// Creates a deadline from a time in nanoseconds.
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// A deadline in the past: the ioctl checks and does not wait.
  public static let now = Deadline(nanoseconds: 0)

  /// Returns the deadline that is `time` from now.
  public static func after(_ time: Duration) -> Deadline {
    let (seconds, attoseconds) = time.components
    return Deadline(
      nanoseconds: cdrm_monotonic_nanoseconds() + seconds * 1_000_000_000
        + attoseconds / 1_000_000_000)
  }
}

/// Owns a syncobj of one node, which holds the fence of a job: `drm_syncobj.c`.
public struct Syncobj: ~Copyable, Sendable {
  private let object: OwnedObject

  /// The syncobj's number in its node.
  public var handle: SyncobjHandle { SyncobjHandle(rawValue: object.id) }

  init(_ object: consuming OwnedObject) {
    self.object = object
  }

  /// Destroys the syncobj, and reports an error; the end of its scope does it without a report.
  ///
  /// - Throws: what `DRM_IOCTL_SYNCOBJ_DESTROY` returned.
  public consuming func destroy() throws(DRMError) { try object.destroy() }

  private var file: DRMFile { object.file }

  /// Waits until the fence is signaled, also with an error.
  ///
  /// The ioctl is `DRM_IOCTL_SYNCOBJ_WAIT`, or `DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT` for a point.
  ///
  /// - Parameter point: on the timeline; nil for a binary syncobj.
  /// - Throws: ETIME where the deadline passes; EINVAL where there is no fence yet.
  public func wait(for point: UInt64? = nil, until deadline: Deadline) throws(DRMError) {
    var number = handle.rawValue
    try unsafe withUnsafeMutablePointer(to: &number) { pointer throws(DRMError) in
      let handles = UInt64(UInt(bitPattern: pointer))
      guard var value = point else {
        var argument = cdrm_syncobj_wait()
        argument.handles = handles
        argument.count_handles = 1
        argument.timeout_nsec = deadline.nanoseconds
        return try file.perform(
          .wait, cdrm_request_syncobj_wait, &argument, on: .syncobj(handle))
      }
      try unsafe withUnsafeMutablePointer(to: &value) { points throws(DRMError) in
        var argument = cdrm_syncobj_timeline_wait()
        argument.handles = handles
        argument.points = UInt64(UInt(bitPattern: points))
        argument.count_handles = 1
        argument.timeout_nsec = deadline.nanoseconds
        try file.perform(
          .wait, cdrm_request_syncobj_timeline_wait, &argument, on: .syncobj(handle))
      }
    }
  }

  /// Removes the fence: `DRM_IOCTL_SYNCOBJ_RESET`.
  ///
  /// - Throws: what the ioctl returned.
  public func reset() throws(DRMError) { try change(cdrm_request_syncobj_reset) }

  /// Replaces the fence by a signaled one: `DRM_IOCTL_SYNCOBJ_SIGNAL`.
  ///
  /// - Throws: what the ioctl returned.
  public func signal() throws(DRMError) { try change(cdrm_request_syncobj_signal) }

  private func change(_ request: UInt) throws(DRMError) {
    var number = handle.rawValue
    try unsafe withUnsafeMutablePointer(to: &number) { pointer throws(DRMError) in
      var argument = cdrm_syncobj_array(
        handles: UInt64(UInt(bitPattern: pointer)), count_handles: 1, pad: 0)
      try file.perform(.signal, request, &argument, on: .syncobj(handle))
    }
  }

  /// Exports the fence as a sync file: `DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD`.
  ///
  /// - Throws: EINVAL where there is no fence.
  public func exportFence() throws(DRMError) -> SyncFile {
    var argument = cdrm_syncobj_handle(
      handle: handle.rawValue,
      flags: UInt32(CDRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE), fd: -1, pad: 0)
    try file.perform(
      .exportFence, cdrm_request_syncobj_handle_to_fd, &argument, on: .syncobj(handle))
    return SyncFile(descriptor: argument.fd, kernel: file.kernel)
  }

  /// Replaces the fence by that of a sync file, also of another device: `DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE`.
  ///
  /// - Throws: EINVAL for a descriptor that is not a sync file.
  public func importFence(_ fence: borrowing SyncFile) throws(DRMError) {
    var argument = cdrm_syncobj_handle(
      handle: handle.rawValue,
      flags: UInt32(CDRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE), fd: fence.descriptor,
      pad: 0)
    try file.perform(
      .importFence, cdrm_request_syncobj_fd_to_handle, &argument, on: .syncobj(handle))
  }
}

extension DRMNode {
  /// Creates a syncobj, with a signaled fence or without a fence: `DRM_IOCTL_SYNCOBJ_CREATE`.
  ///
  /// - Throws: EOPNOTSUPP where the driver has no syncobjs.
  public func createSyncobj(signaled: Bool = false) throws(DRMError) -> Syncobj {
    var argument = cdrm_syncobj_create(
      handle: 0, flags: signaled ? UInt32(CDRM_SYNCOBJ_CREATE_SIGNALED) : 0)
    try file.perform(
      .createSyncobj, cdrm_request_syncobj_create, &argument, on: .node(file.path))
    return Syncobj(OwnedObject(.syncobj, argument.handle, in: file))
  }
}
