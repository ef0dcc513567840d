// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

private typealias Submission = PanfrostCalls.Submission

/// What `DRM_IOCTL_PANFROST_SUBMIT` refuses, and in which order; no job gets to run.
let panfrostSubmitChecks: [Check] = refusals.map { $0.requiring(.driver("panfrost")) }

private let refusals: [Check] = [
  Check("panfrost.submit.no_chain", "A submission without a job chain is EINVAL.") { probe in
    try expect(Submission(chain: 0), .EINVAL, in: probe)
    try expect(Submission(chain: 0, outSync: 4711), .EINVAL, in: probe)
  },
  Check(
    "panfrost.submit.unknown_requirement", "A requirement that nobody knows is EINVAL."
  ) { probe in
    for bit in [4, 0x8000_0000, 5] as [UInt32] {
      try expect(Submission(outSync: 4711, requirements: bit), .EINVAL, in: probe)
    }
  },
  Check(
    "panfrost.submit.requirements_known",
    "Fragment jobs and cycle counts are known, so that the BOs are looked at.", .since(minor: 3)
  ) { probe in
    for requirements in 0...3 as ClosedRange<UInt32> {
      try expect(Submission(requirements: requirements), .ENOENT, in: probe)
    }
  },
  Check(
    "panfrost.submit.no_cycle_count", "Before 1.3 nobody counts cycles: EINVAL.",
    .before(minor: 3)
  ) { probe in
    try expect(Submission(requirements: PanfrostCalls.fragment), .ENOENT, in: probe)
    try expect(
      Submission(outSync: 4711, requirements: PanfrostCalls.cycleCount), .EINVAL, in: probe)
  },
  Check("panfrost.submit.pad", "A nonzero pad is EINVAL before anything else.", .since(minor: 5)) {
    probe in
    try expect(Submission(outSync: 4711, pad: 1), .EINVAL, in: probe)
  },
  Check(
    "panfrost.submit.tail_ignored", "Before 1.5 context and pad are no fields of a submission.",
    .before(minor: 5)
  ) { probe in
    try expect(Submission(context: 7, pad: 1), .ENOENT, in: probe)
  },
  Check(
    "panfrost.submit.short", "The struct without context and pad is a submission too."
  ) { probe in
    try expect(Submission(size: 40), .ENOENT, in: probe)
    try expect(Submission(outSync: 4711, size: 40), .errno(.ENODEV), in: probe)
    // Without requirements and the BOs' count, there is nothing to refuse but the chain.
    try expect(Submission(chain: 0, size: 32), .EINVAL, in: probe)
  },
  Check("panfrost.submit.out_sync", "An unknown syncobj for the job's end is ENODEV.") { probe in
    try expect(Submission(outSync: 4711), .errno(.ENODEV), in: probe)
  },
  Check(
    "panfrost.submit.out_sync_first",
    "The syncobj for the end is looked up before context, syncobjs and BOs.", .since(minor: 5)
  ) { probe in
    try expect(
      Submission(
        outSync: 4711, context: 7, inSyncsAt: (UInt64(unmappedAddress), 1),
        buffersAt: (UInt64(unmappedAddress), 1)), .errno(.ENODEV), in: probe)
  },
  Check("panfrost.submit.bad_context", "An unknown context is EINVAL.", .since(minor: 5)) { probe in
    try expect(Submission(context: 7), .EINVAL, in: probe)
    try expect(Submission(context: .max), .EINVAL, in: probe)
  },
  Check(
    "panfrost.submit.context_first", "The context is looked up before syncobjs and BOs.",
    .since(minor: 5)
  ) { probe in
    try expect(
      Submission(context: 7, inSyncsAt: (UInt64(unmappedAddress), 1)), .EINVAL, in: probe)
    try expect(Submission(inSyncs: [4711], context: 7), .EINVAL, in: probe)
  },
  Check("panfrost.submit.in_syncs_unmapped", "Syncobjs that are not mapped are EFAULT.") { probe in
    for address in [UInt64(unmappedAddress), 0] {
      try expect(Submission(inSyncsAt: (address, 1)), .EFAULT, in: probe)
    }
  },
  Check(
    "panfrost.submit.in_syncs_end_unmapped",
    "All syncobjs are copied before the first is looked up: EFAULT."
  ) { probe in
    let page = try GuardedPage(filledWith: 0x77)
    try expect(Submission(inSyncsAt: (page.end - 4, 1)), .ENOENT, in: probe)
    try expect(Submission(inSyncsAt: (page.end - 4, 2)), .EFAULT, in: probe)
  },
  Check("panfrost.submit.in_sync_bad", "A syncobj to wait for that never was is ENOENT.") { probe in
    try expect(Submission(inSyncs: [4711], buffers: []), .ENOENT, in: probe)
    try expect(Submission(inSyncs: [0], buffers: []), .ENOENT, in: probe)
  },
  Check("panfrost.submit.in_sync_empty", "A syncobj to wait for without a fence is EINVAL.") {
    probe in
    let empty = try SyncobjCalls.create(in: probe)
    try expect(Submission(inSyncs: [empty]), .EINVAL, in: probe)
  },
  Check(
    "panfrost.submit.in_syncs_in_order", "Syncobjs to wait for are looked at one after another."
  ) { probe in
    let empty = try SyncobjCalls.create(in: probe)
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    try expect(Submission(inSyncs: [signaled, empty, 4711]), .EINVAL, in: probe)
    try expect(Submission(inSyncs: [signaled, 4711, empty]), .ENOENT, in: probe)
  },
  Check("panfrost.submit.in_syncs_first", "Syncobjs to wait for are looked at before BOs.") {
    probe in
    let empty = try SyncobjCalls.create(in: probe)
    try expect(Submission(inSyncs: [empty]), .EINVAL, in: probe)
    try expect(
      Submission(inSyncs: [4711], buffersAt: (UInt64(unmappedAddress), 1)), .ENOENT, in: probe)
  },
  Check("panfrost.submit.in_sync_signaled", "A signaled syncobj may be waited for, and again.") {
    probe in
    let signaled = try SyncobjCalls.create(signaled: true, in: probe)
    try expect(Submission(inSyncs: [signaled, signaled]), .ENOENT, in: probe)
  },
  Check(
    "panfrost.submit.in_syncs_huge", "More syncobjs than the kernel can copy at once is ENOMEM.",
    provokesWarning: true
  ) { probe in
    try expect(Submission(inSyncsAt: (UInt64(unmappedAddress), .max)), .errno(.ENOMEM), in: probe)
  },
  Check("panfrost.submit.buffers_unmapped", "BO handles that are not mapped are EFAULT.") { probe in
    for address in [UInt64(unmappedAddress), 0] {
      try expect(Submission(buffersAt: (address, 1)), .EFAULT, in: probe)
    }
  },
  Check(
    "panfrost.submit.buffers_end_unmapped",
    "All BO handles are copied before the first is looked up: EFAULT."
  ) { probe in
    let page = try GuardedPage(filledWith: 0x77)
    try expect(Submission(buffersAt: (page.end - 4, 1)), .ENOENT, in: probe)
    try expect(Submission(buffersAt: (page.end - 4, 2)), .EFAULT, in: probe)
  },
  Check("panfrost.submit.bad_buffer", "A BO that never was is ENOENT, as first and as last.") {
    probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let handle = buffer.handle.rawValue
    for handles in [[4711, handle], [handle, 4711], [0]] as [[UInt32]] {
      try expect(Submission(buffers: handles), .ENOENT, in: probe)
    }
  },
  Check("panfrost.submit.buffer_twice", "A BO that is named twice cannot be locked: EALREADY.") {
    probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let other = try probe.node.createBuffer(size: 4096)
    let handle = buffer.handle.rawValue
    try expect(Submission(buffers: [handle, handle]), .errno(.EALREADY), in: probe)
    try expect(
      Submission(buffers: [handle, other.handle.rawValue, handle]), .errno(.EALREADY), in: probe)
    // All are looked up before any is locked.
    try expect(Submission(buffers: [handle, handle, 4711]), .ENOENT, in: probe)
  },
  Check(
    "panfrost.submit.buffers_huge", "More BOs than the kernel can copy at once is ENOMEM.",
    provokesWarning: true
  ) { probe in
    try expect(Submission(buffersAt: (UInt64(unmappedAddress), .max)), .errno(.ENOMEM), in: probe)
  },
  Check(
    "panfrost.submit.refused_changes_nothing",
    "A refused submission leaves its BOs idle and its syncobj without a fence."
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let handle = buffer.handle.rawValue
    let result = try SyncobjCalls.create(in: probe)
    try expect(
      Submission(outSync: result, buffers: [handle, handle]), .errno(.EALREADY), in: probe)
    try SyncobjCalls.wait([result], .EINVAL, in: probe)
    try probe.expect(PanfrostCalls.waitBuffer(handle, in: probe), .success)
  },
  Check(
    "panfrost.submit.refused_leaves_fence",
    "A refused submission leaves the fence that its syncobj had."
  ) { probe in
    let result = try SyncobjCalls.create(signaled: true, in: probe)
    try expect(Submission(outSync: result), .ENOENT, in: probe)
    try SyncobjCalls.wait([result], .success, first: 0, in: probe)
  },
]

private func expect(_ submission: Submission, _ outcome: Outcome, in probe: Probe) throws {
  try probe.expect(PanfrostCalls.submit(submission, in: probe), outcome)
}
