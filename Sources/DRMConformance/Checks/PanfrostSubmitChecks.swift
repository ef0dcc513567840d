// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import DRMKernel

private typealias Submission = PanfrostCalls.Submission

/// The errors of `DRM_IOCTL_PANFROST_SUBMIT` and their order; no job runs.
let panfrostSubmitChecks: [Check] = checks(of: .panfrost, fields + inSyncs + buffers + effects)

private let fields: [Check] = [
  Check("panfrost.submit.no_chain", "SUBMIT with jc 0 fails with EINVAL.") { probe in
    try expect(Submission(chain: 0), .EINVAL, in: probe)
    try expect(Submission(chain: 0, outSync: 4711), .EINVAL, in: probe)
  },
  Check(
    "panfrost.submit.unknown_requirement", "An unknown bit in requirements fails with EINVAL."
  ) { probe in
    for bit in [4, 0x8000_0000, 5] as [UInt32] {
      try expect(Submission(outSync: 4711, requirements: bit), .EINVAL, in: probe)
    }
  },
  Check(
    "panfrost.submit.requirements_known",
    "The requirements FS and CYCLE_COUNT are accepted: SUBMIT goes on to look up the BOs.",
    .since(minor: 3)
  ) { probe in
    for requirements in 0...3 as ClosedRange<UInt32> {
      try expect(Submission(requirements: requirements), .ENOENT, in: probe)
    }
  },
  Check(
    "panfrost.submit.no_cycle_count", "Before 1.3, the requirement CYCLE_COUNT fails with EINVAL.",
    .before(minor: 3)
  ) { probe in
    try expect(Submission(requirements: PanfrostCalls.fragment), .ENOENT, in: probe)
    try expect(
      Submission(outSync: 4711, requirements: PanfrostCalls.cycleCount), .EINVAL, in: probe)
  },
  Check(
    "panfrost.submit.pad", "A nonzero pad fails with EINVAL before any other field is checked.",
    .since(minor: 5)
  ) {
    probe in
    try expect(Submission(outSync: 4711, pad: 1), .EINVAL, in: probe)
  },
  Check(
    "panfrost.submit.tail_ignored", "Before 1.5, SUBMIT ignores the fields jm_ctx_handle and pad.",
    .before(minor: 5)
  ) { probe in
    try expect(Submission(context: 7, pad: 1), .ENOENT, in: probe)
  },
  Check(
    "panfrost.submit.short",
    "SUBMIT accepts the struct as it was before 1.5, without jm_ctx_handle and pad."
  ) { probe in
    try expect(Submission(size: 40), .ENOENT, in: probe)
    try expect(Submission(outSync: 4711, size: 40), .errno(.ENODEV), in: probe)
    // Without requirements and the number of BOs, only the job chain can be invalid.
    try expect(Submission(chain: 0, size: 32), .EINVAL, in: probe)
  },
  Check("panfrost.submit.out_sync", "An unknown out_sync fails with ENODEV.") { probe in
    try expect(Submission(outSync: 4711), .errno(.ENODEV), in: probe)
  },
  Check(
    "panfrost.submit.out_sync_first",
    "out_sync is looked up before the context, the in_syncs and the BOs.", .since(minor: 5)
  ) { probe in
    try expect(
      Submission(
        outSync: 4711, context: 7, inSyncsAt: (unmappedAddress, 1),
        buffersAt: (unmappedAddress, 1)), .errno(.ENODEV), in: probe)
  },
  Check("panfrost.submit.bad_context", "An unknown context fails with EINVAL.", .since(minor: 5)) {
    probe in
    try expect(Submission(context: 7), .EINVAL, in: probe)
    try expect(Submission(context: .max), .EINVAL, in: probe)
  },
  Check(
    "panfrost.submit.context_first", "The context is looked up before the in_syncs and the BOs.",
    .since(minor: 5)
  ) { probe in
    try expect(
      Submission(context: 7, inSyncsAt: (unmappedAddress, 1)), .EINVAL, in: probe)
    try expect(Submission(inSyncs: [4711], context: 7), .EINVAL, in: probe)
  },
]

private let inSyncs: [Check] = [
  Check("panfrost.submit.in_syncs_unmapped", "in_syncs in unmapped memory fails with EFAULT.") {
    probe in
    for address in [unmappedAddress, 0] {
      try expect(Submission(inSyncsAt: (address, 1)), .EFAULT, in: probe)
    }
  },
  Check(
    "panfrost.submit.in_syncs_end_unmapped",
    "in_syncs that ends in unmapped memory fails with EFAULT before a syncobj is looked up."
  ) { probe in
    let page = try GuardedPage(filledWith: 0x77)
    try expect(Submission(inSyncsAt: (page.end - 4, 1)), .ENOENT, in: probe)
    try expect(Submission(inSyncsAt: (page.end - 4, 2)), .EFAULT, in: probe)
  },
  Check("panfrost.submit.in_sync_bad", "An unknown syncobj in in_syncs fails with ENOENT.") {
    probe in
    try expect(Submission(inSyncs: [4711], buffers: []), .ENOENT, in: probe)
    try expect(Submission(inSyncs: [0], buffers: []), .ENOENT, in: probe)
  },
  Check("panfrost.submit.in_sync_empty", "A syncobj without a fence in in_syncs fails with EINVAL.")
  {
    probe in
    let empty = try SyncobjCalls.create(in: probe)
    try expect(Submission(inSyncs: [empty]), .EINVAL, in: probe)
  },
  Check(
    "panfrost.submit.in_syncs_in_order",
    "The syncobjs of in_syncs are checked in order, and the first wrong one gives the errno."
  ) { probe in
    let empty = try SyncobjCalls.create(in: probe)
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    try expect(Submission(inSyncs: [signaled, empty, 4711]), .EINVAL, in: probe)
    try expect(Submission(inSyncs: [signaled, 4711, empty]), .ENOENT, in: probe)
  },
  Check("panfrost.submit.in_syncs_first", "in_syncs is checked before the BOs are looked up.") {
    probe in
    let empty = try SyncobjCalls.create(in: probe)
    try expect(Submission(inSyncs: [empty]), .EINVAL, in: probe)
    try expect(
      Submission(inSyncs: [4711], buffersAt: (unmappedAddress, 1)), .ENOENT, in: probe)
  },
  Check("panfrost.submit.in_sync_signaled", "in_syncs may contain a signaled syncobj, also twice.")
  {
    probe in
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    try expect(Submission(inSyncs: [signaled, signaled]), .ENOENT, in: probe)
  },
  Check(
    "panfrost.submit.in_syncs_huge",
    "More in_syncs than the kernel can copy at once fail with ENOMEM.",
    provokesWarning: true
  ) { probe in
    try expect(Submission(inSyncsAt: (unmappedAddress, .max)), .errno(.ENOMEM), in: probe)
  },
]

private let buffers: [Check] = [
  Check("panfrost.submit.buffers_unmapped", "bo_handles in unmapped memory fails with EFAULT.") {
    probe in
    for address in [unmappedAddress, 0] {
      try expect(Submission(buffersAt: (address, 1)), .EFAULT, in: probe)
    }
  },
  Check(
    "panfrost.submit.buffers_end_unmapped",
    "bo_handles that ends in unmapped memory fails with EFAULT before a BO is looked up."
  ) { probe in
    let page = try GuardedPage(filledWith: 0x77)
    try expect(Submission(buffersAt: (page.end - 4, 1)), .ENOENT, in: probe)
    try expect(Submission(buffersAt: (page.end - 4, 2)), .EFAULT, in: probe)
  },
  Check(
    "panfrost.submit.bad_buffer",
    "An unknown BO handle fails with ENOENT at any position of bo_handles."
  ) {
    probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let handle = buffer.handle.rawValue
    for handles in [[4711, handle], [handle, 4711], [0]] as [[UInt32]] {
      try expect(Submission(buffers: handles), .ENOENT, in: probe)
    }
  },
  Check(
    "panfrost.submit.buffer_twice",
    "A BO that is listed twice cannot be locked and fails with EALREADY."
  ) {
    probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let other = try probe.node.createBuffer(size: 4096)
    let handle = buffer.handle.rawValue
    try expect(Submission(buffers: [handle, handle]), .errno(.EALREADY), in: probe)
    try expect(
      Submission(buffers: [handle, other.handle.rawValue, handle]), .errno(.EALREADY), in: probe)
    // All handles are looked up before any BO is locked.
    try expect(Submission(buffers: [handle, handle, 4711]), .ENOENT, in: probe)
  },
  Check(
    "panfrost.submit.buffers_huge",
    "More bo_handles than the kernel can copy at once fail with ENOMEM.",
    provokesWarning: true
  ) { probe in
    try expect(Submission(buffersAt: (unmappedAddress, .max)), .errno(.ENOMEM), in: probe)
  },
]

private let effects: [Check] = [
  Check(
    "panfrost.submit.refused_changes_nothing",
    "A SUBMIT that fails leaves its BOs idle and its out_sync without a fence."
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let handle = buffer.handle.rawValue
    let result = try SyncobjCalls.create(in: probe)
    try expect(
      Submission(outSync: result, buffers: [handle, handle]), .errno(.EALREADY), in: probe)
    try SyncobjCalls.wait([result], .EINVAL, in: probe)
    try PanfrostCalls.waitBuffer(handle, in: probe)
  },
  Check(
    "panfrost.submit.refused_leaves_fence",
    "A SUBMIT that fails does not replace the fence of its out_sync."
  ) { probe in
    let result = try SyncobjCalls.create(signaled: true, in: probe)
    try expect(Submission(outSync: result), .ENOENT, in: probe)
    try SyncobjCalls.wait([result], .success, first: 0, in: probe)
  },
]

private func expect(_ submission: Submission, _ outcome: Outcome, in probe: Probe) throws {
  try probe.expect(PanfrostCalls.submit(submission, in: probe), outcome)
}
