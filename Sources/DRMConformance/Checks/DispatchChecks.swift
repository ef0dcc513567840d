// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// How the DRM core dispatches an ioctl: `drm_ioctl`.
let dispatchChecks: [Check] = [
  Check(
    "core.ioctl.foreign_type",
    "A request of another type than 'd' is ENOTTY."
  ) { probe in
    var argument = cdrm_version()
    let request = IoctlRequest(rawValue: cdrm_request_version).rawValue & ~0xff00 | 0x7800
    try probe.expect(probe.ioctl(request, &argument), .errno(.ENOTTY))
  },
  Check(
    "core.ioctl.driver_past_table",
    "A driver ioctl past the driver's table is EINVAL."
  ) { probe in
    var argument: UInt64 = 0
    try probe.expect(probe.ioctl(numbered(0x9f), &argument), .EINVAL)
  },
  Check(
    "core.ioctl.core_hole",
    "A core ioctl number that nobody has is EINVAL."
  ) { probe in
    var argument: UInt64 = 0
    try probe.expect(probe.ioctl(numbered(0x0e), &argument), .EINVAL)
  },
  Check(
    "core.ioctl.core_past_table",
    "A core ioctl past the core's table is EINVAL."
  ) { probe in
    var argument: UInt64 = 0
    try probe.expect(probe.ioctl(numbered(0xff), &argument), .EINVAL)
  },
  Check(
    "core.ioctl.bad_argument",
    "An argument that is not mapped is EFAULT."
  ) { probe in
    try probe.expect(
      probe.ioctl(cdrm_request_get_cap, argumentAt: unmappedAddress),
      .EFAULT
    )
  },
  Check(
    "core.ioctl.copy_before_permission",
    "An argument that is not mapped is EFAULT even where the node may not call the ioctl."
  ) { probe in
    try probe.expect(
      probe.ioctl(cdrm_request_mode_create_dumb, argumentAt: unmappedAddress),
      .EFAULT
    )
  },
  Check(
    "core.ioctl.short_argument",
    "A shorter argument reads as zero past its end, and what does not fit is not returned.",
    .driver("panthor")
  ) { probe in
    var argument = cdrm_panthor_bo_create()
    argument.size = 1
    argument.handle = 99
    argument.pad = 1
    let request = IoctlRequest(rawValue: cdrm_request_panthor_bo_create).resized(to: 16)
    try probe.expect(probe.ioctl(request.rawValue, &argument), .success)
    try probe.expectEqual("size", argument.size, probe.pageSize)
    try probe.expectEqual("handle", argument.handle, 99)
  },
  Check(
    "core.ioctl.long_argument",
    "A longer argument works, and comes back unchanged past the kernel's end."
  ) { probe in
    var argument = LongCapability(
      capability: UInt64(CDRM_CAP_PRIME),
      value: 0,
      tail: (0x1111, 0x2222)
    )
    let request = IoctlRequest(rawValue: cdrm_request_get_cap)
      .resized(to: MemoryLayout<LongCapability>.size)
    try probe.expect(probe.ioctl(request.rawValue, &argument), .success)
    try probe.expectEqual("value", argument.value, 3)
    try probe.expectEqual("tail", [argument.tail.0, argument.tail.1], [0x1111, 0x2222])
  },
  Check(
    "core.ioctl.without_in",
    "A request that does not say that it passes anything in passes zeroes.",
    .driver("panthor")
  ) { probe in
    var argument = cdrm_panthor_bo_create()
    argument.size = 4096
    let request = IoctlRequest(rawValue: cdrm_request_panthor_bo_create)
      .directed(in: false, out: true)
    try probe.expect(probe.ioctl(request.rawValue, &argument), .EINVAL)
  },
  Check(
    "core.ioctl.without_out",
    "A request that does not ask for anything back gets nothing back."
  ) { probe in
    var argument = cdrm_get_cap(capability: UInt64(CDRM_CAP_PRIME), value: 99)
    let request = IoctlRequest(rawValue: cdrm_request_get_cap).directed(in: true, out: false)
    try probe.expect(probe.ioctl(request.rawValue, &argument), .success)
    try probe.expectEqual("value", argument.value, 99)
  },
]

private struct LongCapability: BitwiseCopyable {
  var capability: UInt64
  var value: UInt64
  var tail: (UInt64, UInt64)
}

/// A request of the DRM type with eight bytes in and out.
private func numbered(_ number: UInt) -> UInt {
  IoctlRequest(rawValue: UInt(UInt8(ascii: "d")) << 8 | number)
    .resized(to: 8).directed(in: true, out: true).rawValue
}
