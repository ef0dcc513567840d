// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// Owns a syncobj of one node: a place for the fence of a job, `drm_syncobj.c`.
public struct Syncobj: ~Copyable, Sendable {
  private let file: DRMFile
  private var owned: SyncobjHandle?

  /// Its number in its node.
  public let handle: SyncobjHandle

  init(file: DRMFile, handle: SyncobjHandle) {
    self.file = file
    self.handle = handle
    owned = handle
  }

  deinit {
    if let owned { try? Self.destroy(owned, in: file) }
  }

  /// Destroys it and reports what that answered; the end of its scope does it silently.
  public consuming func destroy() throws(DRMError) {
    if let handle = owned.take() { try Self.destroy(handle, in: file) }
  }

  private static func destroy(_ handle: SyncobjHandle, in file: DRMFile) throws(DRMError) {
    var argument = cdrm_syncobj_destroy(handle: handle.rawValue, pad: 0)
    try file.perform(
      .destroySyncobj, cdrm_request_syncobj_destroy, &argument, on: .syncobj(handle))
  }

  /// Waits until its fence is signaled, whether the job ended well or not: `DRM_IOCTL_SYNCOBJ_WAIT`, or
  /// `DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT` for a point.
  ///
  /// - Parameter point: on its timeline; nil for the one fence of a syncobj that is none.
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

  /// Takes its fence away: `DRM_IOCTL_SYNCOBJ_RESET`.
  public func reset() throws(DRMError) { try change(cdrm_request_syncobj_reset) }

  /// Gives it a fence that is signaled: `DRM_IOCTL_SYNCOBJ_SIGNAL`.
  public func signal() throws(DRMError) { try change(cdrm_request_syncobj_signal) }

  private func change(_ request: UInt) throws(DRMError) {
    var number = handle.rawValue
    try unsafe withUnsafeMutablePointer(to: &number) { pointer throws(DRMError) in
      var argument = cdrm_syncobj_array(
        handles: UInt64(UInt(bitPattern: pointer)), count_handles: 1, pad: 0)
      try file.perform(.signal, request, &argument, on: .syncobj(handle))
    }
  }

  /// Answers its fence as a sync file: `DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD`.
  ///
  /// - Throws: EINVAL where it has none.
  public func exportFence() throws(DRMError) -> SyncFile {
    var argument = cdrm_syncobj_handle(
      handle: handle.rawValue,
      flags: UInt32(CDRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE), fd: -1, pad: 0)
    try file.perform(
      .exportFence, cdrm_request_syncobj_handle_to_fd, &argument, on: .syncobj(handle))
    return SyncFile(descriptor: argument.fd, kernel: file.kernel)
  }

  /// Takes the fence of a sync file, which may be another device's: `DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE`.
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
  /// Creates a syncobj, with a signaled fence or with none: `DRM_IOCTL_SYNCOBJ_CREATE`.
  ///
  /// - Throws: EOPNOTSUPP where the driver has no syncobjs.
  public func createSyncobj(signaled: Bool = false) throws(DRMError) -> Syncobj {
    var argument = cdrm_syncobj_create(
      handle: 0, flags: signaled ? UInt32(CDRM_SYNCOBJ_CREATE_SIGNALED) : 0)
    try file.perform(
      .createSyncobj, cdrm_request_syncobj_create, &argument, on: .node(file.path))
    return Syncobj(file: file, handle: SyncobjHandle(rawValue: argument.handle))
  }
}
