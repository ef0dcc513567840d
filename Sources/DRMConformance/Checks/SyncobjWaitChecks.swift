// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// Waiting for syncobjs, RESET and SIGNAL: `drm_syncobj.c`.
let syncobjWaitChecks: [Check] =
  (waits + layouts + settings).requiring(.syncobj) + [
    Check(
      "core.syncobj.wait_not_offered",
      "WAIT, RESET and SIGNAL of a driver without syncobjs fail with EOPNOTSUPP.", .noSyncobj
    ) { probe in
      var wait = cdrm_syncobj_wait()
      wait.flags = 16
      try probe.call(cdrm_request_syncobj_wait, wait, .errno(.EOPNOTSUPP))
      for request in settingRequests {
        try probe.expect(
          SyncobjCalls.set(request, [], pad: 1, in: probe), .errno(.EOPNOTSUPP))
      }
    }
  ]

private let settingRequests = [cdrm_request_syncobj_reset, cdrm_request_syncobj_signal]

private let waits: [Check] = [
  Check(
    "core.syncobj.wait_unknown_flag",
    "WAIT with an unknown flag fails with EINVAL, also for no syncobjs."
  ) {
    probe in
    try SyncobjCalls.wait([], .EINVAL, flags: 16, in: probe)
    try SyncobjCalls.wait([4711], .EINVAL, flags: 0x8000_0000, in: probe)
  },
  Check(
    "core.syncobj.wait_available",
    "WAIT with the flag AVAILABLE fails with EINVAL: it is for TIMELINE_WAIT only."
  ) { probe in
    try SyncobjCalls.wait(
      [try SyncobjCalls.create(signaled: true, in: probe)], .EINVAL, flags: SyncobjCalls.available,
      in: probe)
  },
  Check(
    "core.syncobj.wait_none", "WAIT for no syncobjs succeeds and ignores the address of the array."
  ) { probe in
    var argument = cdrm_syncobj_wait()
    argument.handles = unmappedAddress
    argument.first_signaled = 99
    argument = try probe.call(cdrm_request_syncobj_wait, argument)
    try probe.expectEqual("first_signaled", argument.first_signaled, 99)
  },
  Check(
    "core.syncobj.wait_array_unmapped", "WAIT with an array in unmapped memory fails with EFAULT."
  ) {
    probe in
    let page = try GuardedPage()
    for address in [unmappedAddress, page.end - 4] {
      var argument = cdrm_syncobj_wait()
      argument.handles = address
      argument.count_handles = 2
      try probe.call(cdrm_request_syncobj_wait, argument, .EFAULT)
    }
  },
  Check("core.syncobj.wait_bad_handle", "WAIT for an unknown handle fails with ENOENT.") {
    probe in
    try SyncobjCalls.wait([4711], .ENOENT, in: probe)
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    try SyncobjCalls.wait([signaled, 4711], .ENOENT, in: probe)
    try SyncobjCalls.wait([signaled, 0], .ENOENT, flags: SyncobjCalls.forSubmit, in: probe)
  },
  Check(
    "core.syncobj.wait_handles_first",
    "WAIT looks up all handles, and fails with ENOENT, before it checks any fence."
  ) { probe in
    let empty = try SyncobjCalls.create(in: probe)
    try SyncobjCalls.wait([empty, 4711], .ENOENT, in: probe)
  },
  Check(
    "core.syncobj.wait_without_fence",
    "WAIT for a syncobj without a fence fails with EINVAL, also together with signaled ones."
  ) { probe in
    let empty = try SyncobjCalls.create(in: probe)
    try SyncobjCalls.wait([empty], .EINVAL, in: probe)
    try SyncobjCalls.wait([empty], .EINVAL, until: .max, in: probe)
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    try SyncobjCalls.wait([signaled, empty], .EINVAL, in: probe)
  },
  Check(
    "core.syncobj.wait_signaled",
    "WAIT for signaled syncobjs returns at once, with first_signaled 0."
  ) {
    probe in
    let handles = try (0..<2).map { _ in try SyncobjCalls.create(signaled: true, in: probe) }
    try SyncobjCalls.wait(handles, .success, first: 0, in: probe)
    try SyncobjCalls.wait(handles, .success, flags: SyncobjCalls.waitAll, first: 0, in: probe)
    try SyncobjCalls.wait(handles, .success, until: .max, first: 0, in: probe)
  },
  Check(
    "core.syncobj.wait_any",
    "WAIT for any syncobj returns the index of the signaled one in first_signaled."
  ) { probe in
    let empty = try SyncobjCalls.create(in: probe)
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    try SyncobjCalls.wait(
      [empty, signaled, signaled], .success, flags: SyncobjCalls.forSubmit, first: 1, in: probe)
  },
  Check(
    "core.syncobj.wait_all",
    "WAIT with the flag ALL fails with ETIME while one of the syncobjs is not signaled."
  ) { probe in
    let empty = try SyncobjCalls.create(in: probe)
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    try SyncobjCalls.wait(
      [signaled, empty], .errno(.ETIME), flags: SyncobjCalls.waitAll | SyncobjCalls.forSubmit,
      first: 99, in: probe)
  },
  Check(
    "core.syncobj.wait_for_submit",
    "WAIT with FOR_SUBMIT for a syncobj without a fence fails with ETIME for a time in the past."
  ) { probe in
    let empty = try SyncobjCalls.create(in: probe)
    for time in [0, 1, -1] as [Int64] {
      try SyncobjCalls.wait(
        [empty], .errno(.ETIME), flags: SyncobjCalls.forSubmit, until: time, first: 99, in: probe)
    }
  },
  Check(
    "core.syncobj.wait_deadline", "WAIT with the flag DEADLINE succeeds for a signaled syncobj."
  ) {
    probe in
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    try SyncobjCalls.wait([signaled], .success, flags: SyncobjCalls.deadline, first: 0, in: probe)
  },
]

private let layouts: [Check] = [
  waitsForOne(
    "wait_pad", "WAIT ignores pad.", signaled: true, .success
  ) { argument in
    argument.pad = 1
    return cdrm_request_syncobj_wait
  },
  waitsForOne(
    "wait_short", "WAIT accepts the shorter struct without deadline_nsec.", signaled: false,
    .errno(.ETIME)
  ) { argument in
    argument.flags = SyncobjCalls.forSubmit
    return IoctlRequest(rawValue: cdrm_request_syncobj_wait).resized(to: 32).rawValue
  },
  Check(
    "core.sync_file.info",
    "SYNC_IOC_FILE_INFO reports status 1 for a signaled fence, and EINVAL for nonzero flags or pad."
  ) { probe in
    let file = try SyncobjCalls.export(
      try SyncobjCalls.create(signaled: true, in: probe), in: probe)
    try SyncobjCalls.expectStatus(file, 1, in: probe)
    for (flags, pad) in [(1, 0), (0, 1)] as [(UInt32, UInt32)] {
      var info = cdrm_sync_file_info()
      (info.flags, info.pad) = (flags, pad)
      try probe.call(cdrm_request_sync_file_info, info, .EINVAL, on: file.descriptor)
    }
    let other = IoctlRequest(rawValue: cdrm_request_sync_file_info).resized(to: 8).rawValue
    try probe.call(other, 0 as UInt64, .errno(.ENOTTY), on: file.descriptor)
  },
]

private let settings: [Check] = [
  Check("core.syncobj.reset", "RESET removes the fence of a syncobj.") { probe in
    let handle = try SyncobjCalls.create(signaled: true, in: probe)
    try probe.expect(SyncobjCalls.set(cdrm_request_syncobj_reset, [handle], in: probe), .success)
    try SyncobjCalls.wait([handle], .EINVAL, in: probe)
  },
  Check("core.syncobj.signal", "SIGNAL gives a syncobj a signaled fence.") {
    probe in
    let handle = try SyncobjCalls.create(in: probe)
    try probe.expect(SyncobjCalls.set(cdrm_request_syncobj_signal, [handle], in: probe), .success)
    try SyncobjCalls.wait([handle], .success, first: 0, in: probe)
  },
  Check("core.syncobj.set_pad", "RESET and SIGNAL with a nonzero pad fail with EINVAL.") { probe in
    for request in settingRequests {
      try probe.expect(SyncobjCalls.set(request, [4711], pad: 1, in: probe), .EINVAL)
    }
  },
  Check("core.syncobj.set_none", "RESET and SIGNAL of no syncobjs fail with EINVAL.") { probe in
    for request in settingRequests {
      try probe.expect(SyncobjCalls.set(request, [], in: probe), .EINVAL)
    }
  },
  Check(
    "core.syncobj.set_bad_handle",
    "RESET and SIGNAL of an unknown handle fail with ENOENT and change no other syncobj."
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
  Check(
    "core.syncobj.set_array_unmapped",
    "RESET and SIGNAL with an array in unmapped memory fail with EFAULT."
  ) {
    probe in
    for request in settingRequests {
      try probe.call(
        request, cdrm_syncobj_array(handles: unmappedAddress, count_handles: 1, pad: 0), .EFAULT)
    }
  },
]

/// A check of WAIT for one syncobj, with a changed argument or request.
private func waitsForOne(
  _ name: String, _ statement: String, signaled: Bool, _ outcome: Outcome,
  change: @escaping @Sendable (inout cdrm_syncobj_wait) -> UInt
) -> Check {
  Check("core.syncobj.\(name)", statement) { probe in
    let handle = try SyncobjCalls.create(signaled: signaled, in: probe)
    let answer = unsafe withUnsafePointer(to: handle) { handle in
      var argument = cdrm_syncobj_wait()
      argument.handles = UInt64(UInt(bitPattern: handle))
      argument.count_handles = 1
      let request = change(&argument)
      return probe.ioctl(request, &argument)
    }
    try probe.expect(answer, outcome)
  }
}
