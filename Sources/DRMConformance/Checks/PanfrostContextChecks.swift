// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// panfrost's contexts for jobs: `DRM_IOCTL_PANFROST_JM_CTX_CREATE` and `_DESTROY`.
let panfrostContextChecks: [Check] =
  checks(of: .panfrost, contexts.requiring(.since(minor: 5)) + noContexts)

private let noContexts: [Check] = [
  Check(
    "panfrost.jm_ctx.absent", "Before 1.5, JM_CTX_CREATE and JM_CTX_DESTROY fail with EINVAL.",
    .before(minor: 5)
  ) { probe in
    try PanfrostCalls.createContext(.EINVAL, in: probe)
    try PanfrostCalls.destroyContext(1, .EINVAL, in: probe)
  }
]

private let contexts: [Check] = [
  Check("panfrost.jm_ctx.handles", "JM_CTX_CREATE returns the lowest free handle, from 1 on.") {
    probe in
    for handle in 1...3 as ClosedRange<UInt32> {
      try probe.expectEqual("handle", try PanfrostCalls.createContext(in: probe), handle)
    }
    try PanfrostCalls.destroyContext(2, in: probe)
    try probe.expectEqual("handle", try PanfrostCalls.createContext(in: probe), 2)
  },
  Check(
    "panfrost.jm_ctx.most",
    "A file has up to 64 contexts beside its default one, and the next fails with EBUSY."
  ) { probe in
    for _ in 0..<64 { try PanfrostCalls.createContext(in: probe) }
    try PanfrostCalls.createContext(.errno(.EBUSY), in: probe)
    try PanfrostCalls.destroyContext(64, in: probe)
    try probe.expectEqual("handle", try PanfrostCalls.createContext(in: probe), 64)
  },
  // No check uses a priority that is not allowed: it crashes Linux 7.2 and 7.3.
  Check(
    "panfrost.jm_ctx.priorities",
    "JM_CTX_CREATE accepts each priority that ALLOWED_JM_CTX_PRIORITIES reports."
  ) { probe in
    var parameter = cdrm_panfrost_get_param()
    parameter.param = UInt32(CDRM_PANFROST_PARAM_ALLOWED_JM_CTX_PRIORITIES)
    parameter = try probe.call(cdrm_request_panfrost_get_param, parameter)
    for priority in 0...2 as ClosedRange<UInt32> where parameter.value >> UInt64(priority) & 1 == 1
    {
      try PanfrostCalls.createContext(priority: priority, in: probe)
    }
  },
  Check(
    "panfrost.jm_ctx.first_stays", "JM_CTX_DESTROY of the default context fails with EINVAL."
  ) { probe in
    try PanfrostCalls.destroyContext(0, .EINVAL, in: probe)
    try expectContext(0, .ENOENT, in: probe)
  },
  Check("panfrost.jm_ctx.destroy_pad", "JM_CTX_DESTROY with a nonzero pad fails with EINVAL.") {
    probe in
    let handle = try PanfrostCalls.createContext(in: probe)
    try PanfrostCalls.destroyContext(handle, pad: 1, .EINVAL, in: probe)
    try expectContext(handle, .ENOENT, in: probe)
  },
  Check(
    "panfrost.jm_ctx.destroy_twice",
    "JM_CTX_DESTROY of an unknown or already destroyed handle fails with EINVAL."
  ) { probe in
    let handle = try PanfrostCalls.createContext(in: probe)
    try PanfrostCalls.destroyContext(handle, in: probe)
    try PanfrostCalls.destroyContext(handle, .EINVAL, in: probe)
    try PanfrostCalls.destroyContext(4711, .EINVAL, in: probe)
  },
  Check(
    "panfrost.jm_ctx.submit", "SUBMIT to a context fails with EINVAL once it is destroyed."
  ) { probe in
    let handle = try PanfrostCalls.createContext(in: probe)
    try expectContext(handle, .ENOENT, in: probe)
    try PanfrostCalls.destroyContext(handle, in: probe)
    try expectContext(handle, .EINVAL, in: probe)
  },
  Check(
    "panfrost.jm_ctx.other_file",
    "JM_CTX_DESTROY of another file's context fails with EINVAL."
  ) { probe in
    let handle = try PanfrostCalls.createContext(in: probe)
    let other = try probe.openAgain()
    try PanfrostCalls.destroyContext(handle, .EINVAL, on: other.descriptor, in: probe)
    try expectContext(handle, .ENOENT, in: probe)
  },
]

/// Judges whether a context exists: SUBMIT looks it up before it looks up the unknown BO handle.
private func expectContext(_ handle: UInt32, _ outcome: Outcome, in probe: Probe) throws {
  try probe.expect(
    PanfrostCalls.submit(PanfrostCalls.Submission(context: handle), in: probe), outcome)
}
