// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// Waiting for syncobjs and setting them: `drm_syncobj.c`.
let syncobjWaitChecks: [Check] =
  (waits + settings).map { $0.requiring(.syncobj) } + [
    Check(
      "core.syncobj.wait_not_offered",
      "A driver without syncobjs answers EOPNOTSUPP before it looks at an argument.", .noSyncobj
    ) { probe in
      var wait = cdrm_syncobj_wait()
      wait.flags = 16
      try probe.expect(
        probe.ioctl(cdrm_request_syncobj_wait, &wait), .errno(.EOPNOTSUPP))
      for request in [cdrm_request_syncobj_reset, cdrm_request_syncobj_signal] {
        try probe.expect(
          SyncobjCalls.set(request, [], pad: 1, in: probe), .errno(.EOPNOTSUPP))
      }
    }
  ]

private let waits: [Check] = [
  Check("core.syncobj.wait_unknown_flag", "WAIT with an unknown flag is EINVAL, for none too.") {
    probe in
    try SyncobjCalls.wait([], .EINVAL, flags: 16, in: probe)
    try SyncobjCalls.wait([4711], .EINVAL, flags: 0x8000_0000, in: probe)
  },
  Check(
    "core.syncobj.wait_available", "A wait without points knows no AVAILABLE: EINVAL."
  ) { probe in
    try SyncobjCalls.wait(
      [try SyncobjCalls.create(signaled: true, in: probe)], .EINVAL, flags: SyncobjCalls.available,
      in: probe)
  },
  Check("core.syncobj.wait_none", "A wait for none succeeds, wherever the array is.") { probe in
    var argument = cdrm_syncobj_wait()
    argument.handles = UInt64(unmappedAddress)
    argument.first_signaled = 99
    try probe.expect(probe.ioctl(cdrm_request_syncobj_wait, &argument), .success)
    try probe.expectEqual("first_signaled", argument.first_signaled, 99)
  },
  Check("core.syncobj.wait_array_unmapped", "A wait whose array is not mapped is EFAULT.") {
    probe in
    let page = try GuardedPage()
    for address in [UInt64(unmappedAddress), page.end - 4] {
      var argument = cdrm_syncobj_wait()
      argument.handles = address
      argument.count_handles = 2
      try probe.expect(probe.ioctl(cdrm_request_syncobj_wait, &argument), .EFAULT)
    }
  },
  Check("core.syncobj.wait_bad_handle", "A wait for a syncobj that never was is ENOENT.") {
    probe in
    try SyncobjCalls.wait([4711], .ENOENT, in: probe)
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    try SyncobjCalls.wait([signaled, 4711], .ENOENT, in: probe)
    try SyncobjCalls.wait([signaled, 0], .ENOENT, flags: SyncobjCalls.forSubmit, in: probe)
  },
  Check(
    "core.syncobj.wait_handles_first",
    "All handles are looked up before any fence is: ENOENT beside one without a fence."
  ) { probe in
    let empty = try SyncobjCalls.create(in: probe)
    try SyncobjCalls.wait([empty, 4711], .ENOENT, in: probe)
  },
  Check(
    "core.syncobj.wait_without_fence",
    "A wait for a syncobj without a fence is EINVAL, beside signaled ones too."
  ) { probe in
    let empty = try SyncobjCalls.create(in: probe)
    try SyncobjCalls.wait([empty], .EINVAL, in: probe)
    try SyncobjCalls.wait([empty], .EINVAL, until: .max, in: probe)
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    try SyncobjCalls.wait([signaled, empty], .EINVAL, in: probe)
  },
  Check("core.syncobj.wait_signaled", "A wait for signaled syncobjs ends at once with the first.") {
    probe in
    let handles = [
      try SyncobjCalls.create(signaled: true, in: probe),
      try SyncobjCalls.create(signaled: true, in: probe),
    ]
    try SyncobjCalls.wait(handles, .success, first: 0, in: probe)
    try SyncobjCalls.wait(handles, .success, flags: SyncobjCalls.waitAll, first: 0, in: probe)
    try SyncobjCalls.wait(handles, .success, until: .max, first: 0, in: probe)
  },
  Check(
    "core.syncobj.wait_any", "A wait for any tells which one is signaled."
  ) { probe in
    let empty = try SyncobjCalls.create(in: probe)
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    try SyncobjCalls.wait(
      [empty, signaled, signaled], .success, flags: SyncobjCalls.forSubmit, first: 1, in: probe)
  },
  Check(
    "core.syncobj.wait_all", "A wait for all does not end with one of them: ETIME."
  ) { probe in
    let empty = try SyncobjCalls.create(in: probe)
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    try SyncobjCalls.wait(
      [signaled, empty], .errno(.ETIME), flags: SyncobjCalls.waitAll | SyncobjCalls.forSubmit,
      first: 99, in: probe)
  },
  Check(
    "core.syncobj.wait_for_submit",
    "A wait for what nobody submits is ETIME, with a time of 0 and with one that is over."
  ) { probe in
    let empty = try SyncobjCalls.create(in: probe)
    for time in [0, 1, -1] as [Int64] {
      try SyncobjCalls.wait(
        [empty], .errno(.ETIME), flags: SyncobjCalls.forSubmit, until: time, first: 99, in: probe)
    }
  },
  Check("core.syncobj.wait_deadline", "A wait may name a deadline, which changes no answer.") {
    probe in
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    try SyncobjCalls.wait([signaled], .success, flags: SyncobjCalls.deadline, first: 0, in: probe)
  },
  Check("core.syncobj.wait_pad", "A wait does not look at pad.") { probe in
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    let answer = unsafe withUnsafePointer(to: signaled) { handle in
      var argument = cdrm_syncobj_wait()
      argument.handles = UInt64(UInt(bitPattern: handle))
      argument.count_handles = 1
      argument.pad = 1
      return probe.ioctl(cdrm_request_syncobj_wait, &argument)
    }
    try probe.expect(answer, .success)
  },
  Check("core.syncobj.wait_short", "A wait without the deadline's field is the same wait.") {
    probe in
    let empty = try SyncobjCalls.create(in: probe)
    let request = IoctlRequest(rawValue: cdrm_request_syncobj_wait).resized(to: 32).rawValue
    let answer = unsafe withUnsafePointer(to: empty) { handle in
      var argument = cdrm_syncobj_wait()
      argument.handles = UInt64(UInt(bitPattern: handle))
      argument.count_handles = 1
      argument.flags = SyncobjCalls.forSubmit
      return probe.ioctl(request, &argument)
    }
    try probe.expect(answer, .errno(.ETIME))
  },
  Check(
    "core.sync_file.info", "A sync file says how its fence ended: 1 for well."
  ) { probe in
    let file = try SyncobjCalls.export(
      try SyncobjCalls.create(signaled: true, in: probe), in: probe)
    try SyncobjCalls.expectStatus(file, 1, in: probe)
    for (flags, pad) in [(1, 0), (0, 1)] as [(UInt32, UInt32)] {
      var info = cdrm_sync_file_info()
      (info.flags, info.pad) = (flags, pad)
      try probe.expect(
        probe.ioctl(cdrm_request_sync_file_info, &info, on: file.descriptor), .EINVAL)
    }
    var word: UInt64 = 0
    let other = IoctlRequest(rawValue: cdrm_request_sync_file_info).resized(to: 8).rawValue
    try probe.expect(probe.ioctl(other, &word, on: file.descriptor), .errno(.ENOTTY))
  },
]

private let settings: [Check] = [
  Check("core.syncobj.reset", "A syncobj that was reset has no fence.") { probe in
    let handle = try SyncobjCalls.create(signaled: true, in: probe)
    try probe.expect(SyncobjCalls.set(cdrm_request_syncobj_reset, [handle], in: probe), .success)
    try SyncobjCalls.wait([handle], .EINVAL, in: probe)
  },
  Check("core.syncobj.signal", "A syncobj that was signaled by hand has a signaled fence.") {
    probe in
    let handle = try SyncobjCalls.create(in: probe)
    try probe.expect(SyncobjCalls.set(cdrm_request_syncobj_signal, [handle], in: probe), .success)
    try SyncobjCalls.wait([handle], .success, first: 0, in: probe)
  },
  Check("core.syncobj.set_pad", "RESET and SIGNAL with a nonzero pad are EINVAL.") { probe in
    for request in [cdrm_request_syncobj_reset, cdrm_request_syncobj_signal] {
      try probe.expect(SyncobjCalls.set(request, [4711], pad: 1, in: probe), .EINVAL)
    }
  },
  Check("core.syncobj.set_none", "RESET and SIGNAL of none are EINVAL.") { probe in
    for request in [cdrm_request_syncobj_reset, cdrm_request_syncobj_signal] {
      try probe.expect(SyncobjCalls.set(request, [], in: probe), .EINVAL)
    }
  },
  Check(
    "core.syncobj.set_bad_handle",
    "RESET and SIGNAL are ENOENT for a handle that never was, and change no other."
  ) { probe in
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    let empty = try SyncobjCalls.create(in: probe)
    try probe.expect(
      SyncobjCalls.set(cdrm_request_syncobj_reset, [signaled, 4711], in: probe), .ENOENT)
    try probe.expect(
      SyncobjCalls.set(cdrm_request_syncobj_signal, [empty, 4711], in: probe), .ENOENT)
    try SyncobjCalls.wait([signaled], .success, first: 0, in: probe)
    try SyncobjCalls.wait([empty], .EINVAL, in: probe)
  },
  Check("core.syncobj.set_array_unmapped", "RESET and SIGNAL of an unmapped array are EFAULT.") {
    probe in
    for request in [cdrm_request_syncobj_reset, cdrm_request_syncobj_signal] {
      var argument = cdrm_syncobj_array(
        handles: UInt64(unmappedAddress), count_handles: 1, pad: 0)
      try probe.expect(probe.ioctl(request, &argument), .EFAULT)
    }
  },
]
