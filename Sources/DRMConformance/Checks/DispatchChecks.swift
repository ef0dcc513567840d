// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// How the DRM core dispatches an ioctl: `drm_ioctl`.
let dispatchChecks: [Check] = [
  Check(
    "core.ioctl.foreign_type", "A request of another type than 'd' fails with ENOTTY."
  ) { probe in
    let request = IoctlRequest(rawValue: cdrm_request_version).rawValue & ~0xff00 | 0x7800
    try probe.call(request, cdrm_version(), .errno(.ENOTTY))
  },
  unassigned(
    "driver_past_table", 0x9f,
    "A driver ioctl number after the end of the driver's table fails with EINVAL."),
  unassigned("core_hole", 0x0e, "A core ioctl number that is not assigned fails with EINVAL."),
  unassigned(
    "core_past_table", 0xff,
    "A core ioctl number after the end of the core's table fails with EINVAL."),
  unmapped(
    "bad_argument", cdrm_request_get_cap, "An ioctl argument in unmapped memory fails with EFAULT."),
  unmapped(
    "copy_before_permission", cdrm_request_mode_create_dumb,
    "The argument is copied before permissions are checked: unmapped, it fails with EFAULT."),
  Check(
    "core.ioctl.short_argument",
    "Missing bytes of a short argument are zero, and outputs in them are not returned.",
    .driver(.panthor)
  ) { probe in
    let request = IoctlRequest(rawValue: cdrm_request_panthor_bo_create).resized(to: 16)
    let argument = try probe.call(
      request.rawValue,
      cdrm_panthor_bo_create(size: 1, flags: 0, exclusive_vm_id: 0, handle: 99, pad: 1))
    try probe.expectEqual("size", argument.size, probe.pageSize)
    try probe.expectEqual("handle", argument.handle, 99)
  },
  Check(
    "core.ioctl.long_argument",
    "A longer argument is accepted, and its bytes after the kernel's struct do not change."
  ) { probe in
    let request = IoctlRequest(rawValue: cdrm_request_get_cap)
      .resized(to: MemoryLayout<LongCapability>.size)
    let argument = try probe.call(
      request.rawValue,
      LongCapability(capability: UInt64(CDRM_CAP_PRIME), value: 0, tail: (0x1111, 0x2222)))
    try probe.expectEqual("value", argument.value, 3)
    try probe.expectEqual("tail", [argument.tail.0, argument.tail.1], [0x1111, 0x2222])
  },
  Check(
    "core.ioctl.without_in",
    "The kernel reads zeroes for the argument of a request without the direction _IOC_WRITE.",
    .driver(.panthor)
  ) { probe in
    var argument = cdrm_panthor_bo_create()
    argument.size = 4096
    let request = IoctlRequest(rawValue: cdrm_request_panthor_bo_create)
      .directed(in: false, out: true)
    try probe.call(request.rawValue, argument, .EINVAL)
  },
  Check(
    "core.ioctl.without_out",
    "The kernel returns no outputs for a request without the direction _IOC_READ."
  ) { probe in
    let request = IoctlRequest(rawValue: cdrm_request_get_cap).directed(in: true, out: false)
    let argument = try probe.call(
      request.rawValue, cdrm_get_cap(capability: UInt64(CDRM_CAP_PRIME), value: 99))
    try probe.expectEqual("value", argument.value, 99)
  },
]

private struct LongCapability: BitwiseCopyable {
  var capability: UInt64
  var value: UInt64
  var tail: (UInt64, UInt64)
}

/// A check that a DRM ioctl number with eight bytes in and out is not assigned.
private func unassigned(_ name: String, _ number: UInt, _ statement: String) -> Check {
  let request = IoctlRequest(rawValue: UInt(UInt8(ascii: "d")) << 8 | number)
    .resized(to: 8).directed(in: true, out: true)
  return .call("core.ioctl.\(name)", statement, request.rawValue, 0 as UInt64, .EINVAL)
}

/// A check that an ioctl with an argument in unmapped memory fails with EFAULT.
private func unmapped(_ name: String, _ request: UInt, _ statement: String) -> Check {
  Check("core.ioctl.\(name)", statement) { probe in
    try probe.expect(probe.ioctl(request, argumentAt: unmappedAddress), .EFAULT)
  }
}
