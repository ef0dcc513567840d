// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// Syncobj and sync file ioctls with arguments that the typed client cannot express.
enum SyncobjCalls {
  static let waitAll = UInt32(CDRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL)
  static let forSubmit = UInt32(CDRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT)
  static let available = UInt32(CDRM_SYNCOBJ_WAIT_FLAGS_WAIT_AVAILABLE)
  static let deadline = UInt32(CDRM_SYNCOBJ_WAIT_FLAGS_WAIT_DEADLINE)

  /// Returns a time after now, in nanoseconds of CLOCK_MONOTONIC.
  static func time(afterMilliseconds milliseconds: Int64) -> Int64 {
    cdrm_monotonic_nanoseconds() + milliseconds * 1_000_000
  }

  static func create(signaled isSignaled: Bool = false, in probe: Probe) throws -> UInt32 {
    let flags = isSignaled ? UInt32(CDRM_SYNCOBJ_CREATE_SIGNALED) : 0
    return try probe.call(
      cdrm_request_syncobj_create, cdrm_syncobj_create(handle: 0, flags: flags)
    ).handle
  }

  /// Creates several syncobjs without a fence.
  static func create(count: Int, in probe: Probe) throws -> [UInt32] {
    try (0..<count).map { _ in try create(in: probe) }
  }

  /// Waits for any or all of some syncobjs, and judges the outcome and `first_signaled`.
  static func wait(
    _ handles: [UInt32], _ outcome: Outcome, flags: UInt32 = 0, until time: Int64 = 0,
    first: UInt32? = nil, in probe: Probe
  ) throws {
    var argument = cdrm_syncobj_wait()
    argument.flags = flags
    argument.timeout_nsec = time
    argument.count_handles = UInt32(handles.count)
    argument.first_signaled = 99
    let answer = unsafe handles.withUnsafeBufferPointer { buffer in
      argument.handles = UInt64(UInt(bitPattern: buffer.baseAddress))
      return probe.ioctl(cdrm_request_syncobj_wait, &argument)
    }
    try probe.expect(answer, outcome)
    if let first { try probe.expectEqual("first_signaled", argument.first_signaled, first) }
  }

  /// Performs RESET or SIGNAL and returns 0 or -errno.
  static func set(
    _ request: UInt, _ handles: [UInt32], pad: UInt32 = 0, in probe: Probe
  ) -> CInt {
    unsafe handles.withUnsafeBufferPointer { buffer in
      var argument = cdrm_syncobj_array(
        handles: UInt64(UInt(bitPattern: buffer.baseAddress)),
        count_handles: UInt32(handles.count), pad: pad)
      return probe.ioctl(request, &argument)
    }
  }

  static func timelineWait(
    _ handle: UInt32, _ point: UInt64, _ flags: UInt32 = 0, until time: Int64 = 0, in probe: Probe
  ) -> CInt {
    unsafe withUnsafePointer(to: handle) { handle in
      unsafe withUnsafePointer(to: point) { point in
        var argument = cdrm_syncobj_timeline_wait()
        argument.handles = UInt64(UInt(bitPattern: handle))
        argument.points = UInt64(UInt(bitPattern: point))
        argument.count_handles = 1
        argument.flags = flags
        argument.timeout_nsec = time
        return probe.ioctl(cdrm_request_syncobj_timeline_wait, &argument)
      }
    }
  }

  static func timelineSignal(
    _ handle: UInt32, _ point: UInt64, flags: UInt32 = 0, in probe: Probe
  ) -> CInt {
    unsafe withUnsafePointer(to: handle) { handle in
      unsafe withUnsafePointer(to: point) { point in
        var argument = cdrm_syncobj_timeline_array(
          handles: UInt64(UInt(bitPattern: handle)), points: UInt64(UInt(bitPattern: point)),
          count_handles: 1, flags: flags)
        return probe.ioctl(cdrm_request_syncobj_timeline_signal, &argument)
      }
    }
  }

  /// Judges the point that QUERY returns for a timeline.
  static func expectPoint(
    _ handle: UInt32, _ wanted: UInt64, flags: UInt32 = 0, in probe: Probe
  ) throws {
    var point: UInt64 = 4711
    let answer = unsafe withUnsafePointer(to: handle) { handle in
      unsafe withUnsafeMutablePointer(to: &point) { point in
        var argument = cdrm_syncobj_timeline_array(
          handles: UInt64(UInt(bitPattern: handle)), points: UInt64(UInt(bitPattern: point)),
          count_handles: 1, flags: flags)
        return probe.ioctl(cdrm_request_syncobj_query, &argument)
      }
    }
    try probe.expect(answer, .success)
    try probe.expectEqual("point", point, wanted)
  }

  /// Exports the fence of a syncobj as a sync file.
  static func export(_ handle: UInt32, in probe: Probe) throws -> SyncFile {
    let exported = try exportFile(handle, in: probe)
    return SyncFile(descriptor: exported, kernel: probe.kernel)
  }

  /// Exports a sync file, judges the outcome, and returns the descriptor.
  @discardableResult
  static func exportFile(
    _ handle: UInt32, _ outcome: Outcome = .success, in probe: Probe
  ) throws -> CInt {
    try probe.call(
      cdrm_request_syncobj_handle_to_fd,
      cdrm_syncobj_handle(
        handle: handle, flags: UInt32(CDRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE), fd: -1,
        pad: 0), outcome
    ).fd
  }

  /// Judges the status of a sync file: 0 for active, 1 for signaled, or -errno.
  static func expectStatus(
    _ file: borrowing SyncFile, _ wanted: Int32, in probe: Probe
  ) throws {
    let info = try probe.call(
      cdrm_request_sync_file_info, cdrm_sync_file_info(), on: file.descriptor)
    try probe.expectEqual("status", info.status, wanted)
  }

  /// Judges the status of the fence of a syncobj, by a sync file.
  static func expectStatus(of handle: UInt32, _ wanted: Int32, in probe: Probe) throws {
    try expectStatus(try export(handle, in: probe), wanted, in: probe)
  }

  /// Waits until a syncobj is signaled, and judges the status of its fence unless that is nil.
  static func expectEnd(
    _ handle: UInt32, withinMilliseconds time: Int64 = 3000, status: Int32? = nil, in probe: Probe
  ) throws {
    try wait([handle], .success, until: self.time(afterMilliseconds: time), first: 0, in: probe)
    if let status { try expectStatus(of: handle, status, in: probe) }
  }

  /// Judges that a syncobj is not signaled within 50 ms.
  static func expectPending(_ handle: UInt32, in probe: Probe) throws {
    try wait([handle], .errno(.ETIME), until: time(afterMilliseconds: 50), in: probe)
  }
}
