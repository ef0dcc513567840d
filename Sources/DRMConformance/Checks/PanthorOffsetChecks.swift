// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// `DRM_IOCTL_PANTHOR_BO_MMAP_OFFSET`.
let panthorOffsetChecks: [Check] = [
  Check(
    "panthor.bo_mmap_offset.pad_first",
    "BO_MMAP_OFFSET with a nonzero pad is EINVAL, even for a handle that never was.",
    .driver("panthor")
  ) { probe in
    try probe.expect(offset(4711, pad: 1, in: probe), .EINVAL)
  },
  Check(
    "panthor.bo_mmap_offset.bad_handle",
    "BO_MMAP_OFFSET of a handle that never was is ENOENT.",
    .driver("panthor")
  ) { probe in
    try probe.expect(offset(4711, in: probe), .ENOENT)
  },
  Check(
    "panthor.bo_mmap_offset.no_mmap",
    "A NO_MMAP BO cannot be mapped: EPERM for its offset, or EINVAL from mmap on older kernels.",
    .driver("panthor")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .none)
    var argument = cdrm_panthor_bo_mmap_offset(
      handle: buffer.handle.rawValue, pad: 0, offset: 0)
    let answer = probe.ioctl(cdrm_request_panthor_bo_mmap_offset, &argument)
    guard answer >= 0 else { return try probe.expect(answer, .errno(.EPERM)) }
    try probe.expectEqual("has an offset", argument.offset != 0, true)
    try probe.expect(probe.mmap(length: 4096, offset: argument.offset), .EINVAL)
  },
  Check(
    "panthor.bo_mmap_offset.stable",
    "The fake offset is a whole number of pages past 4 GiB and the same at every call.",
    .driver("panthor")
  ) { probe in
    try expectStableFakeOffset(in: probe)
  },
]

private func offset(_ handle: UInt32, pad: UInt32 = 0, in probe: Probe) -> CInt {
  var argument = cdrm_panthor_bo_mmap_offset(handle: handle, pad: pad, offset: 0)
  return probe.ioctl(cdrm_request_panthor_bo_mmap_offset, &argument)
}
