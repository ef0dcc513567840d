// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRM
internal import DRMKernel

/// The flush-id page, and where a file has it; for 64-bit tasks.
let panthorRegisterChecks: [Check] = [
  Check(
    "panthor.registers.flush_id", "The flush-id page maps for reading.", .driver("panthor")
  ) { probe in
    try probe.expectEqual("has a value", try probe.node.latestFlushID() > 0, true)
  },
  refused("writable", "The flush-id page does not map writable: EINVAL.") { page in
    Place(length: page, protection: Protection.readWrite)
  },
  refused("two_pages", "Two pages of registers are EINVAL.") { page in Place(length: 2 * page) },
  refused("private_copy", "A private mapping of registers is EINVAL.") { page in
    Place(length: page, flags: MapFlags.privateCopy)
  },
  refused("next_page", "There is no other page of registers: EINVAL.") { page in
    Place(length: page, past: page)
  },
  Check(
    "panthor.registers.offset_refused",
    "SET_USER_MMIO_OFFSET takes the two offsets there are; any other is EINVAL.",
    .driver("panthor"), .feature(.labels)
  ) { probe in
    guard probe.node.identity.version >= DriverVersion(1, 5) else {
      return try probe.expect(move(to: 0, in: probe), .EINVAL)
    }
    for offset: UInt64 in [0, 1 << 44, CDRM_PANTHOR_USER_MMIO_64BIT + 4096] {
      try probe.expect(move(to: offset, in: probe), .EINVAL)
    }
    try probe.expect(move(to: CDRM_PANTHOR_USER_MMIO_64BIT, in: probe), .success)
  },
  Check(
    "panthor.registers.offset_moved",
    "SET_USER_MMIO_OFFSET moves the flush-id page of the file, and leaves nothing where it was.",
    .driver("panthor"), .feature(.reportsCoherency)
  ) { probe in
    try probe.expect(move(to: CDRM_PANTHOR_USER_MMIO_32BIT, in: probe), .success)
    try probe.expect(
      probe.mmap(
        length: probe.pageSize, protection: Protection.read,
        offset: CDRM_PANTHOR_USER_MMIO_32BIT), .success)
    try probe.expect(
      probe.mmap(
        length: probe.pageSize, protection: Protection.read,
        offset: CDRM_PANTHOR_USER_MMIO_64BIT), .EINVAL)
  },
]

private struct Place {
  var length: UInt64
  var protection = Protection.read
  var flags = MapFlags.shared
  var past: UInt64 = 0
}

private func refused(
  _ name: String, _ statement: String, _ place: @escaping @Sendable (_ page: UInt64) -> Place
) -> Check {
  Check("panthor.registers.\(name)", statement, .driver("panthor")) { probe in
    let place = place(probe.pageSize)
    try probe.expect(
      probe.mmap(
        length: place.length, protection: place.protection, flags: place.flags,
        offset: CDRM_PANTHOR_USER_MMIO_64BIT + place.past), .EINVAL)
  }
}

private func move(to offset: UInt64, in probe: Probe) -> CInt {
  var argument = cdrm_panthor_set_user_mmio_offset(offset: offset)
  return probe.ioctl(cdrm_request_panthor_set_user_mmio_offset, &argument)
}
