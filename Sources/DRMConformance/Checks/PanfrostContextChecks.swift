// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// panfrost's contexts for jobs: `DRM_IOCTL_PANFROST_JM_CTX_CREATE` and `_DESTROY`.
let panfrostContextChecks: [Check] =
  contexts.map { $0.requiring(.driver("panfrost")).requiring(.since(minor: 5)) } + [
    Check(
      "panfrost.jm_ctx.absent", "Before 1.5 there are no contexts: EINVAL.", .driver("panfrost"),
      .before(minor: 5)
    ) { probe in
      _ = try PanfrostCalls.createContext(.EINVAL, in: probe)
      try probe.expect(PanfrostCalls.destroyContext(1, in: probe), .EINVAL)
    }
  ]

private let contexts: [Check] = [
  Check("panfrost.jm_ctx.handles", "Contexts have the lowest free handles, from 1 up.") { probe in
    for handle in 1...3 as ClosedRange<UInt32> {
      try probe.expectEqual("handle", try PanfrostCalls.createContext(in: probe), handle)
    }
    try probe.expect(PanfrostCalls.destroyContext(2, in: probe), .success)
    try probe.expectEqual("handle", try PanfrostCalls.createContext(in: probe), 2)
  },
  Check("panfrost.jm_ctx.most", "A file has at most 64 contexts beside its first: EBUSY.") {
    probe in
    for _ in 0..<64 { _ = try PanfrostCalls.createContext(in: probe) }
    _ = try PanfrostCalls.createContext(.errno(.EBUSY), in: probe)
    try probe.expect(PanfrostCalls.destroyContext(64, in: probe), .success)
    try probe.expectEqual("handle", try PanfrostCalls.createContext(in: probe), 64)
  },
  // No check asks for a priority that is refused: Linux 7.2 and 7.3 die of it.
  Check("panfrost.jm_ctx.priorities", "A context may have each priority that a parameter allows.") {
    probe in
    var parameter = cdrm_panfrost_get_param()
    parameter.param = UInt32(CDRM_PANFROST_PARAM_ALLOWED_JM_CTX_PRIORITIES)
    try probe.expect(probe.ioctl(cdrm_request_panfrost_get_param, &parameter), .success)
    for priority in 0...2 as ClosedRange<UInt32> where parameter.value >> UInt64(priority) & 1 == 1
    {
      _ = try PanfrostCalls.createContext(priority: priority, in: probe)
    }
  },
  Check("panfrost.jm_ctx.first_stays", "The context that a file begins with cannot be destroyed.") {
    probe in
    try probe.expect(PanfrostCalls.destroyContext(0, in: probe), .EINVAL)
    try expectContext(0, .ENOENT, in: probe)
  },
  Check("panfrost.jm_ctx.destroy_pad", "JM_CTX_DESTROY with a nonzero pad is EINVAL.") { probe in
    let handle = try PanfrostCalls.createContext(in: probe)
    try probe.expect(PanfrostCalls.destroyContext(handle, pad: 1, in: probe), .EINVAL)
    try expectContext(handle, .ENOENT, in: probe)
  },
  Check("panfrost.jm_ctx.destroy_twice", "The second JM_CTX_DESTROY of a handle is EINVAL.") {
    probe in
    let handle = try PanfrostCalls.createContext(in: probe)
    try probe.expect(PanfrostCalls.destroyContext(handle, in: probe), .success)
    try probe.expect(PanfrostCalls.destroyContext(handle, in: probe), .EINVAL)
    try probe.expect(PanfrostCalls.destroyContext(4711, in: probe), .EINVAL)
  },
  Check("panfrost.jm_ctx.submit", "A job may be submitted to a context until that is destroyed.") {
    probe in
    let handle = try PanfrostCalls.createContext(in: probe)
    try expectContext(handle, .ENOENT, in: probe)
    try probe.expect(PanfrostCalls.destroyContext(handle, in: probe), .success)
    try expectContext(handle, .EINVAL, in: probe)
  },
  Check("panfrost.jm_ctx.other_file", "A context belongs to the file it was made in.") { probe in
    let handle = try PanfrostCalls.createContext(in: probe)
    let other = try probe.openAgain()
    var argument = cdrm_panfrost_jm_ctx_destroy(handle: handle, pad: 0)
    try probe.expect(
      probe.ioctl(cdrm_request_panfrost_jm_ctx_destroy, &argument, on: other.descriptor), .EINVAL)
    try expectContext(handle, .ENOENT, in: probe)
  },
]

/// Judges whether a context is known: it is looked up before the BO that never was.
private func expectContext(_ handle: UInt32, _ outcome: Outcome, in probe: Probe) throws {
  try probe.expect(
    PanfrostCalls.submit(PanfrostCalls.Submission(context: handle), in: probe), outcome)
}
