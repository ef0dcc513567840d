// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

private typealias Calls = PanthorGroupCalls
private typealias Submission = PanthorGroupCalls.Submission

/// What `DRM_IOCTL_PANTHOR_GROUP_SUBMIT` takes and refuses; no stream gets to run.
let panthorSubmitChecks: [Check] =
  (arrays + streams + syncs).map { $0.requiring(.driver("panthor")) }

private let arrays: [Check] = [
  Check(
    "panthor.group_submit.nothing", "No submission at all succeeds, for whatever group."
  ) { probe in
    try probe.expect(Calls.submit([], to: 4711, address: 1, in: probe), .success)
    try probe.expect(Calls.submit([], to: 4711, pad: 1, in: probe), .EINVAL)
  },
  refused("pad", "A nonzero pad is EINVAL before the array is looked at.") { group, probe in
    Calls.submit([Submission()], to: group, pad: 1, address: 0, in: probe)
  },
  Check(
    "panthor.group_submit.array_nowhere",
    "An array that is nowhere is EFAULT, for whatever group."
  ) { probe in
    try probe.expect(
      Calls.submit([Submission()], to: 4711, address: 0, in: probe), .EFAULT)
  },
  refused("short_stride", "A stride below the element's size is EINVAL.") { group, probe in
    Calls.submit([Submission()], to: group, stride: 39, address: 0, in: probe)
  },
  Check("panthor.group_submit.long_stride", "A longer stride needs a tail of zeroes.") { probe in
    let group = try Calls.group(in: probe)
    let ones = try GuardedPage(filledWith: 1)
    let zeroes = try GuardedPage()
    let nothing = [Submission()]
    try probe.expect(
      Calls.submit(nothing, to: group, stride: 64, address: ones.end - 64, in: probe),
      .errno(.E2BIG))
    try probe.expect(
      Calls.submit(nothing, to: group, stride: 64, address: zeroes.end - 64, in: probe), .success)
  },
  refused("unknown_group", "A group that never was is EINVAL.") { _, probe in
    Calls.submit([Submission()], to: 4711, in: probe)
  },
  Check("panthor.group_submit.destroyed", "A group that was destroyed is EINVAL.") { probe in
    let group = try Calls.group(in: probe)
    try probe.expect(Calls.submit([Submission()], to: group, in: probe), .success)
    try probe.expect(Calls.destroy(group, in: probe), .success)
    try probe.expect(Calls.submit([Submission()], to: group, in: probe), .EINVAL)
  },
  Check("panthor.group_submit.queues", "A queue that the group does not have is EINVAL.") {
    probe in
    let group = try Calls.group(queues: 2, in: probe)
    for (queue, outcome) in [(0, .success), (1, .success), (2, .EINVAL), (.max, .EINVAL)]
      as [(UInt32, Outcome)]
    {
      try probe.expect(Calls.submit([Submission(queue: queue)], to: group, in: probe), outcome)
    }
  },
]

private let streams: [Check] = [
  wrong("submission_pad", "A submission with a nonzero pad is EINVAL.", Submission(pad: 1)),
  wrong("no_address", "A stream without an address is EINVAL.", Submission(size: 64)),
  wrong("no_size", "A stream without a size is EINVAL.", Submission(address: 1 << 20)),
  wrong(
    "unaligned_address", "A stream that does not begin with a cache line is EINVAL.",
    Submission(size: 64, address: 1 << 20 + 8), Submission(size: 64, address: 1 << 20 + 32)),
  wrong(
    "unaligned_size", "A stream that is not made of whole instructions is EINVAL.",
    Submission(size: 4, address: 1 << 20), Submission(size: 65, address: 1 << 20)),
  Check(
    "panthor.group_submit.flush_bits",
    "Seven bits of the flush's number are none, and EINVAL; all others are taken."
  ) { probe in
    let group = try Calls.group(in: probe)
    for bit: UInt32 in 0..<32 {
      try probe.expect(
        Calls.submit([Submission(flush: 1 << bit)], to: group, in: probe),
        24...30 ~= bit ? .EINVAL : .success)
    }
  },
  Check(
    "panthor.group_submit.place",
    "A submission without a stream only takes its place, and signals when it is reached."
  ) { probe in
    let group = try Calls.group(queues: 2, in: probe)
    let result = try SyncobjCalls.create(in: probe)
    let submission = Submission(queue: 1, syncs: [PanthorSyncs.signal(result)])
    try probe.expect(Calls.submit([submission], to: group, in: probe), .success)
    try SyncobjCalls.wait(
      [result], .success, until: SyncobjCalls.time(afterMilliseconds: 3000), first: 0, in: probe)
    try SyncobjCalls.expectStatus(try SyncobjCalls.export(result, in: probe), 1, in: probe)
  },
]

private let syncs: [Check] = [
  Check("panthor.group_submit.syncs_array", "Its array of syncs is one like all others.") {
    probe in
    let group = try Calls.group(in: probe)
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    var submission = Submission(syncs: [PanthorSyncs.wait(signaled)])
    try probe.expect(Calls.submit([submission], to: group, in: probe), .success)
    submission.syncsAddress = 0
    try probe.expect(Calls.submit([submission], to: group, in: probe), .EFAULT)
    submission.syncsStride = 15
    try probe.expect(Calls.submit([submission], to: group, in: probe), .EINVAL)
    let page = try GuardedPage(filledWith: 1)
    submission.syncsStride = 24
    submission.syncsAddress = page.end - 24
    try probe.expect(Calls.submit([submission], to: group, in: probe), .errno(.E2BIG))
  },
  Check(
    "panthor.group_submit.one_by_one",
    "Each submission is looked at with its array of syncs, before the next."
  ) { probe in
    let group = try Calls.group(in: probe)
    let nowhere = Submission(syncs: [PanthorSyncs.wait(1)], syncsAddress: 0)
    let padded = Submission(pad: 1)
    try probe.expect(Calls.submit([nowhere, padded], to: group, in: probe), .EFAULT)
    try probe.expect(Calls.submit([padded, nowhere], to: group, in: probe), .EINVAL)
  },
]

/// A check that a call is EINVAL, on a group of one queue.
private func refused(
  _ name: String, _ statement: String,
  call: @escaping @Sendable (_ group: UInt32, Probe) -> CInt
) -> Check {
  Check("panthor.group_submit.\(name)", statement) { probe in
    let group = try Calls.group(in: probe)
    try probe.expect(call(group, probe), .EINVAL)
  }
}

/// A check that submissions are EINVAL, each by itself.
private func wrong(
  _ name: String, _ statement: String, _ submissions: Submission...
) -> Check {
  Check("panthor.group_submit.\(name)", statement) { probe in
    let group = try Calls.group(in: probe)
    for submission in submissions {
      try probe.expect(Calls.submit([submission], to: group, in: probe), .EINVAL)
    }
  }
}
