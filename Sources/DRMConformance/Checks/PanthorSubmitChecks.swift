// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import DRMKernel

private typealias Calls = PanthorGroupCalls
private typealias Submission = PanthorGroupCalls.Submission

/// The arguments that `DRM_IOCTL_PANTHOR_GROUP_SUBMIT` accepts; no command stream runs.
let panthorSubmitChecks: [Check] = checks(of: .panthor, arrays + streams + syncs)

private let arrays: [Check] = [
  Check(
    "panthor.group_submit.nothing",
    "GROUP_SUBMIT without submissions succeeds, also for an unknown group."
  ) { probe in
    try Calls.submit([], to: 4711, address: 1, in: probe)
    try Calls.submit([], to: 4711, pad: 1, .EINVAL, in: probe)
  },
  Check(
    "panthor.group_submit.array_nowhere",
    "An array at address 0 fails with EFAULT, also for an unknown group."
  ) { probe in
    try Calls.submit([Submission()], to: 4711, address: 0, .EFAULT, in: probe)
  },
  refused("pad", "A nonzero pad fails with EINVAL before the array is copied.") { group, probe in
    try Calls.submit([Submission()], to: group, pad: 1, address: 0, .EINVAL, in: probe)
  },
  refused("short_stride", "A stride shorter than an element fails with EINVAL.") { group, probe in
    try Calls.submit([Submission()], to: group, stride: 39, address: 0, .EINVAL, in: probe)
  },
  Check(
    "panthor.group_submit.long_stride",
    "A stride longer than an element succeeds if the additional bytes are zero, else E2BIG."
  ) { probe in
    let group = try Calls.group(in: probe)
    let ones = try GuardedPage(filledWith: 1)
    let zeroes = try GuardedPage()
    let nothing = [Submission()]
    try Calls.submit(
      nothing, to: group, stride: 64, address: ones.end - 64, .errno(.E2BIG), in: probe)
    try Calls.submit(nothing, to: group, stride: 64, address: zeroes.end - 64, in: probe)
  },
  refused("unknown_group", "GROUP_SUBMIT to an unknown group fails with EINVAL.") { _, probe in
    try Calls.submit([Submission()], to: 4711, .EINVAL, in: probe)
  },
  Check("panthor.group_submit.destroyed", "GROUP_SUBMIT to a destroyed group fails with EINVAL.") {
    probe in
    let group = try Calls.group(in: probe)
    try Calls.submit([Submission()], to: group, in: probe)
    try Calls.destroy(group, in: probe)
    try Calls.submit([Submission()], to: group, .EINVAL, in: probe)
  },
  Check(
    "panthor.group_submit.queues", "A queue_index that the group does not have fails with EINVAL."
  ) {
    probe in
    let group = try Calls.group(queues: 2, in: probe)
    for (queue, outcome) in [(0, .success), (1, .success), (2, .EINVAL), (.max, .EINVAL)]
      as [(UInt32, Outcome)]
    {
      try Calls.submit([Submission(queue: queue)], to: group, outcome, in: probe)
    }
  },
]

private let streams: [Check] = [
  wrong("submission_pad", "A submission with a nonzero pad fails with EINVAL.", Submission(pad: 1)),
  wrong(
    "no_address", "A submission with a stream_size and without a stream_addr fails with EINVAL.",
    Submission(size: 64)),
  wrong(
    "no_size", "A submission with a stream_addr and without a stream_size fails with EINVAL.",
    Submission(address: 1 << 20)),
  wrong(
    "unaligned_address", "A stream_addr that is not aligned to 64 bytes fails with EINVAL.",
    Submission(size: 64, address: 1 << 20 + 8), Submission(size: 64, address: 1 << 20 + 32)),
  wrong(
    "unaligned_size", "A stream_size that is not a multiple of 8 bytes fails with EINVAL.",
    Submission(size: 4, address: 1 << 20), Submission(size: 65, address: 1 << 20)),
  Check(
    "panthor.group_submit.flush_bits",
    "A latest_flush with any of bits 24 to 30 fails with EINVAL."
  ) { probe in
    let group = try Calls.group(in: probe)
    for bit: UInt32 in 0..<32 {
      try Calls.submit(
        [Submission(flush: 1 << bit)], to: group, 24...30 ~= bit ? .EINVAL : .success, in: probe)
    }
  },
  Check(
    "panthor.group_submit.place",
    "A submission without a stream signals its syncs when the submissions before it have ended."
  ) { probe in
    let group = try Calls.group(queues: 2, in: probe)
    let result = try SyncobjCalls.create(in: probe)
    let submission = Submission(queue: 1, syncs: [PanthorSyncs.signal(result)])
    try Calls.submit([submission], to: group, in: probe)
    try SyncobjCalls.expectEnd(result, status: 1, in: probe)
  },
]

private let syncs: [Check] = [
  Check(
    "panthor.group_submit.syncs_array",
    "An unmapped syncs array, a short stride or a nonzero tail fails as in any object array."
  ) {
    probe in
    let group = try Calls.group(in: probe)
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    let syncs: PanthorSyncArray = [PanthorSyncs.wait(signaled)]
    try Calls.submit([Submission(syncs: syncs)], to: group, in: probe)
    try syncs.expectErrors { syncs, outcome in
      try Calls.submit([Submission(syncs: syncs)], to: group, outcome, in: probe)
    }
  },
  Check(
    "panthor.group_submit.one_by_one",
    "Each submission is checked together with its syncs before the next submission."
  ) { probe in
    let group = try Calls.group(in: probe)
    let nowhere = Submission(syncs: PanthorSyncArray([PanthorSyncs.wait(1)], address: 0))
    let padded = Submission(pad: 1)
    try Calls.submit([nowhere, padded], to: group, .EFAULT, in: probe)
    try Calls.submit([padded, nowhere], to: group, .EINVAL, in: probe)
  },
]

/// A check of a call on a group of one queue.
private func refused(
  _ name: String, _ statement: String,
  call: @escaping @Sendable (_ group: UInt32, Probe) throws -> Void
) -> Check {
  Check("panthor.group_submit.\(name)", statement) { probe in
    try call(try Calls.group(in: probe), probe)
  }
}

/// A check that each of some submissions fails with EINVAL.
private func wrong(
  _ name: String, _ statement: String, _ submissions: Submission...
) -> Check {
  Check("panthor.group_submit.\(name)", statement) { probe in
    let group = try Calls.group(in: probe)
    for submission in submissions {
      try Calls.submit([submission], to: group, .EINVAL, in: probe)
    }
  }
}
