// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// Syncobj ioctls in whatever shape a check wants them.
enum SyncobjCalls {
  static let waitAll = UInt32(CDRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL)
  static let forSubmit = UInt32(CDRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT)
  static let available = UInt32(CDRM_SYNCOBJ_WAIT_FLAGS_WAIT_AVAILABLE)
  static let deadline = UInt32(CDRM_SYNCOBJ_WAIT_FLAGS_WAIT_DEADLINE)

  /// A time from now, in nanoseconds of the monotonic clock.
  static func time(afterMilliseconds milliseconds: Int64) -> Int64 {
    cdrm_monotonic_nanoseconds() + milliseconds * 1_000_000
  }

  static func create(signaled isSignaled: Bool = false, in probe: Probe) throws -> UInt32 {
    var argument = cdrm_syncobj_create(
      handle: 0, flags: isSignaled ? UInt32(CDRM_SYNCOBJ_CREATE_SIGNALED) : 0)
    try probe.expect(probe.ioctl(cdrm_request_syncobj_create, &argument), .success)
    return argument.handle
  }

  /// Waits, and judges the first that was signaled where one is expected.
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

  /// RESET or SIGNAL.
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

  /// Judges which point a timeline is at.
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

  /// Makes a sync file of a syncobj's fence.
  static func export(_ handle: UInt32, in probe: Probe) throws -> SyncFile {
    var argument = cdrm_syncobj_handle(
      handle: handle, flags: UInt32(CDRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE), fd: -1,
      pad: 0)
    try probe.expect(probe.ioctl(cdrm_request_syncobj_handle_to_fd, &argument), .success)
    return SyncFile(descriptor: argument.fd, kernel: probe.kernel)
  }

  /// Judges how a sync file's fences ended: 0 for not yet, 1, or an error as a negative number.
  static func expectStatus(
    _ file: borrowing SyncFile, _ wanted: Int32, in probe: Probe
  ) throws {
    var info = cdrm_sync_file_info()
    try probe.expect(
      probe.ioctl(cdrm_request_sync_file_info, &info, on: file.descriptor), .success)
    try probe.expectEqual("status", info.status, wanted)
  }
}
