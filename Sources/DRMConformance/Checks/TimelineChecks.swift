// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// Timeline syncobjs: `drm_syncobj.c`.
let timelineChecks: [Check] =
  (timelines + refusals).requiring(.timeline) + [
    Check(
      "core.timeline.not_offered",
      "The timeline ioctls of a driver without timeline syncobjs fail with EOPNOTSUPP.",
      .noTimeline
    ) { probe in
      try probe.expect(
        SyncobjCalls.timelineWait(4711, 1, 16, in: probe), .errno(.EOPNOTSUPP))
      try probe.expect(
        SyncobjCalls.timelineSignal(4711, 1, flags: 1, in: probe), .errno(.EOPNOTSUPP))
      try probe.expect(query(handles: 0, count: 0, flags: 2, in: probe), .errno(.EOPNOTSUPP))
    }
  ]

private let timelines: [Check] = [
  Check(
    "core.timeline.unused", "QUERY returns point 0 for a syncobj without points, signaled or not."
  ) {
    probe in
    for isSignaled in [false, true] {
      let handle = try SyncobjCalls.create(signaled: isSignaled, in: probe)
      try SyncobjCalls.expectPoint(handle, 0, in: probe)
    }
  },
  Check("core.timeline.signal", "QUERY returns the last point that TIMELINE_SIGNAL signaled.") {
    probe in
    let handle = try SyncobjCalls.create(in: probe)
    for point in [3, 5] as [UInt64] {
      try probe.expect(SyncobjCalls.timelineSignal(handle, point, in: probe), .success)
      try SyncobjCalls.expectPoint(handle, point, in: probe)
      try SyncobjCalls.expectPoint(handle, point, flags: 1, in: probe)
    }
  },
  Check(
    "core.timeline.backwards", "TIMELINE_SIGNAL of an earlier point does not move a timeline back."
  ) {
    probe in
    let handle = try SyncobjCalls.create(in: probe)
    for point in [5, 3, 5] as [UInt64] {
      try probe.expect(SyncobjCalls.timelineSignal(handle, point, in: probe), .success)
      try SyncobjCalls.expectPoint(handle, 5, in: probe)
    }
  },
  Check("core.timeline.point_zero", "TIMELINE_SIGNAL of point 0 starts a timeline at point 0.") {
    probe in
    let handle = try SyncobjCalls.create(in: probe)
    try probe.expect(SyncobjCalls.timelineSignal(handle, 0, in: probe), .success)
    try SyncobjCalls.expectPoint(handle, 0, in: probe)
    try probe.expect(SyncobjCalls.timelineWait(handle, 0, in: probe), .success)
    try probe.expect(SyncobjCalls.timelineWait(handle, 1, in: probe), .EINVAL)
  },
  Check(
    "core.timeline.wait",
    "TIMELINE_WAIT succeeds for a signaled point and fails with EINVAL for a later one."
  ) {
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
    "With FOR_SUBMIT or AVAILABLE, TIMELINE_WAIT for a later point fails with ETIME."
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
  Check("core.timeline.wait_binary", "A fence without a point counts as point 0 only.") { probe in
    let handle = try SyncobjCalls.create(signaled: true, in: probe)
    try probe.expect(SyncobjCalls.timelineWait(handle, 0, in: probe), .success)
    try probe.expect(SyncobjCalls.timelineWait(handle, 1, in: probe), .EINVAL)
    // WAIT, which has no points, waits for the last point.
    try probe.expect(SyncobjCalls.timelineSignal(handle, 2, in: probe), .success)
    try SyncobjCalls.wait([handle], .success, first: 0, in: probe)
  },
]

private let refusals: [Check] = [
  Check("core.timeline.wait_unknown_flag", "TIMELINE_WAIT with an unknown flag fails with EINVAL.")
  { probe in
    try probe.expect(SyncobjCalls.timelineWait(4711, 1, 16, in: probe), .EINVAL)
  },
  Check("core.timeline.wait_bad_handle", "TIMELINE_WAIT for an unknown handle fails with ENOENT.") {
    probe in
    try probe.expect(SyncobjCalls.timelineWait(4711, 1, in: probe), .ENOENT)
  },
  Check(
    "core.timeline.wait_points_unmapped",
    "Points in unmapped memory fail with EFAULT after the handles are looked up, and NULL succeeds."
  ) { probe in
    let handle = try SyncobjCalls.create(in: probe)
    try probe.expect(SyncobjCalls.timelineSignal(handle, 7, in: probe), .success)
    let cases: [(UInt32, UInt64, Outcome)] = [
      (handle, unmappedAddress, .EFAULT), (4711, unmappedAddress, .ENOENT),
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
  Check("core.timeline.signal_flags", "TIMELINE_SIGNAL with any flag fails with EINVAL.") { probe in
    try probe.expect(SyncobjCalls.timelineSignal(4711, 1, flags: 1, in: probe), .EINVAL)
  },
  Check(
    "core.timeline.signal_bad_handle", "TIMELINE_SIGNAL of an unknown handle fails with ENOENT."
  ) {
    probe in
    try probe.expect(SyncobjCalls.timelineSignal(4711, 1, in: probe), .ENOENT)
  },
  .call(
    "core.timeline.signal_none", "TIMELINE_SIGNAL of no syncobjs fails with EINVAL.",
    cdrm_request_syncobj_timeline_signal, cdrm_syncobj_timeline_array(), .EINVAL),
  Check(
    "core.timeline.query_refused",
    "QUERY fails for an unknown flag, no syncobjs, unmapped handles and an unknown handle."
  ) {
    probe in
    try probe.expect(query(handles: 0, count: 1, flags: 2, in: probe), .EINVAL)
    try probe.expect(query(handles: 0, count: 0, in: probe), .EINVAL)
    try probe.expect(query(handles: unmappedAddress, count: 1, in: probe), .EFAULT)
    let unknown: UInt32 = 4711
    let answer = unsafe withUnsafePointer(to: unknown) {
      query(handles: UInt64(UInt(bitPattern: $0)), count: 1, in: probe)
    }
    try probe.expect(answer, .ENOENT)
  },
  Check("core.timeline.query_points_unmapped", "QUERY into unmapped memory fails with EFAULT.") {
    probe in
    let handle = try SyncobjCalls.create(in: probe)
    let answer = unsafe withUnsafePointer(to: handle) {
      query(
        handles: UInt64(UInt(bitPattern: $0)), points: unmappedAddress, count: 1,
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
