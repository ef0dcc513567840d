// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// Syncobjs with timelines: `drm_syncobj.c`.
let timelineChecks: [Check] =
  timelines.map { $0.requiring(.timeline) } + [
    Check(
      "core.timeline.not_offered",
      "A driver without timelines answers EOPNOTSUPP before it looks at an argument.", .noTimeline
    ) { probe in
      try probe.expect(
        SyncobjCalls.timelineWait(4711, 1, 16, in: probe), .errno(.EOPNOTSUPP))
      try probe.expect(
        SyncobjCalls.timelineSignal(4711, 1, flags: 1, in: probe), .errno(.EOPNOTSUPP))
      try probe.expect(query(handles: 0, count: 0, flags: 2, in: probe), .errno(.EOPNOTSUPP))
    }
  ]

private let timelines: [Check] = [
  Check("core.timeline.unused", "A syncobj without points is at point 0, signaled or not.") {
    probe in
    for isSignaled in [false, true] {
      let handle = try SyncobjCalls.create(signaled: isSignaled, in: probe)
      try SyncobjCalls.expectPoint(handle, 0, in: probe)
    }
  },
  Check("core.timeline.signal", "A timeline is at the last point that was signaled.") { probe in
    let handle = try SyncobjCalls.create(in: probe)
    for point in [3, 5] as [UInt64] {
      try probe.expect(SyncobjCalls.timelineSignal(handle, point, in: probe), .success)
      try SyncobjCalls.expectPoint(handle, point, in: probe)
      try SyncobjCalls.expectPoint(handle, point, flags: 1, in: probe)
    }
  },
  Check("core.timeline.backwards", "A point that was passed already moves no timeline back.") {
    probe in
    let handle = try SyncobjCalls.create(in: probe)
    for point in [5, 3, 5] as [UInt64] {
      try probe.expect(SyncobjCalls.timelineSignal(handle, point, in: probe), .success)
      try SyncobjCalls.expectPoint(handle, 5, in: probe)
    }
  },
  Check("core.timeline.point_zero", "Signaling point 0 begins a timeline at 0.") { probe in
    let handle = try SyncobjCalls.create(in: probe)
    try probe.expect(SyncobjCalls.timelineSignal(handle, 0, in: probe), .success)
    try SyncobjCalls.expectPoint(handle, 0, in: probe)
    try probe.expect(SyncobjCalls.timelineWait(handle, 0, in: probe), .success)
    try probe.expect(SyncobjCalls.timelineWait(handle, 1, in: probe), .EINVAL)
  },
  Check("core.timeline.wait", "A wait for a point that was passed succeeds, for a later one not.") {
    probe in
    let handle = try SyncobjCalls.create(in: probe)
    try probe.expect(SyncobjCalls.timelineSignal(handle, 5, in: probe), .success)
    for point in [0, 1, 5] as [UInt64] {
      try probe.expect(SyncobjCalls.timelineWait(handle, point, in: probe), .success)
    }
    try probe.expect(SyncobjCalls.timelineWait(handle, 6, in: probe), .EINVAL)
  },
  Check(
    "core.timeline.wait_ahead",
    "A wait for a point that nobody submitted is ETIME where it may be missing."
  ) { probe in
    let handle = try SyncobjCalls.create(in: probe)
    for flags in [SyncobjCalls.forSubmit, SyncobjCalls.available] {
      try probe.expect(SyncobjCalls.timelineWait(handle, 1, flags, in: probe), .errno(.ETIME))
    }
    try probe.expect(SyncobjCalls.timelineSignal(handle, 1, in: probe), .success)
    for flags in [SyncobjCalls.forSubmit, SyncobjCalls.available] {
      try probe.expect(SyncobjCalls.timelineWait(handle, 1, flags, in: probe), .success)
      try probe.expect(SyncobjCalls.timelineWait(handle, 2, flags, in: probe), .errno(.ETIME))
    }
  },
  Check("core.timeline.wait_binary", "A fence without a point has point 0 alone.") { probe in
    let handle = try SyncobjCalls.create(signaled: true, in: probe)
    try probe.expect(SyncobjCalls.timelineWait(handle, 0, in: probe), .success)
    try probe.expect(SyncobjCalls.timelineWait(handle, 1, in: probe), .EINVAL)
    // A wait without points waits for the last one.
    try probe.expect(SyncobjCalls.timelineSignal(handle, 2, in: probe), .success)
    try SyncobjCalls.wait([handle], .success, first: 0, in: probe)
  },
  Check("core.timeline.wait_unknown_flag", "A wait with an unknown flag is EINVAL.") { probe in
    try probe.expect(SyncobjCalls.timelineWait(4711, 1, 16, in: probe), .EINVAL)
  },
  Check("core.timeline.wait_bad_handle", "A wait for a timeline that never was is ENOENT.") {
    probe in
    try probe.expect(SyncobjCalls.timelineWait(4711, 1, in: probe), .ENOENT)
  },
  Check(
    "core.timeline.wait_points_unmapped",
    "Points that are not mapped are EFAULT, after the handles; no array means the last points."
  ) { probe in
    let handle = try SyncobjCalls.create(in: probe)
    try probe.expect(SyncobjCalls.timelineSignal(handle, 7, in: probe), .success)
    let cases: [(UInt32, UInt64, Outcome)] = [
      (handle, UInt64(unmappedAddress), .EFAULT), (4711, UInt64(unmappedAddress), .ENOENT),
      (handle, 0, .success),
    ]
    for (handle, points, outcome) in cases {
      let answer = unsafe withUnsafePointer(to: handle) { handle in
        var argument = cdrm_syncobj_timeline_wait()
        argument.handles = UInt64(UInt(bitPattern: handle))
        argument.points = points
        argument.count_handles = 1
        return probe.ioctl(cdrm_request_syncobj_timeline_wait, &argument)
      }
      try probe.expect(answer, outcome)
    }
  },
  Check("core.timeline.signal_flags", "TIMELINE_SIGNAL knows no flags: EINVAL.") { probe in
    try probe.expect(SyncobjCalls.timelineSignal(4711, 1, flags: 1, in: probe), .EINVAL)
  },
  Check("core.timeline.signal_bad_handle", "TIMELINE_SIGNAL of what never was is ENOENT.") {
    probe in
    try probe.expect(SyncobjCalls.timelineSignal(4711, 1, in: probe), .ENOENT)
  },
  Check("core.timeline.signal_none", "TIMELINE_SIGNAL of none is EINVAL.") { probe in
    var argument = cdrm_syncobj_timeline_array()
    try probe.expect(probe.ioctl(cdrm_request_syncobj_timeline_signal, &argument), .EINVAL)
  },
  Check("core.timeline.query_refused", "QUERY refuses an unknown flag, none, and bad handles.") {
    probe in
    try probe.expect(query(handles: 0, count: 1, flags: 2, in: probe), .EINVAL)
    try probe.expect(query(handles: 0, count: 0, in: probe), .EINVAL)
    try probe.expect(query(handles: UInt64(unmappedAddress), count: 1, in: probe), .EFAULT)
    let unknown: UInt32 = 4711
    let answer = unsafe withUnsafePointer(to: unknown) {
      query(handles: UInt64(UInt(bitPattern: $0)), count: 1, in: probe)
    }
    try probe.expect(answer, .ENOENT)
  },
  Check("core.timeline.query_points_unmapped", "QUERY into unmapped memory is EFAULT.") { probe in
    let handle = try SyncobjCalls.create(in: probe)
    let answer = unsafe withUnsafePointer(to: handle) {
      query(
        handles: UInt64(UInt(bitPattern: $0)), points: UInt64(unmappedAddress), count: 1,
        in: probe)
    }
    try probe.expect(answer, .EFAULT)
  },
]

private func query(
  handles: UInt64, points: UInt64 = 0, count: UInt32, flags: UInt32 = 0, in probe: Probe
) -> CInt {
  var argument = cdrm_syncobj_timeline_array(
    handles: handles, points: points, count_handles: count, flags: flags)
  return probe.ioctl(cdrm_request_syncobj_query, &argument)
}
