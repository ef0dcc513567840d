// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// The flush-id page and its offset in a file, for 64-bit tasks.
let panthorRegisterChecks: [Check] = checks(of: .panthor, registers)

private let registers: [Check] = [
  Check(
    "panthor.registers.flush_id", "The flush-id page can be mapped read-only."
  ) { probe in
    try probe.expectEqual("has a value", try probe.node.latestFlushID() > 0, true)
  },
  refused("writable", "A writable mapping of the flush-id page fails with EINVAL.") { page in
    Place(length: page, protection: Protection.readWrite)
  },
  refused("two_pages", "A mapping of two pages of registers fails with EINVAL.") { page in
    Place(length: 2 * page)
  },
  refused("private_copy", "A MAP_PRIVATE mapping of the flush-id page fails with EINVAL.") { page in
    Place(length: page, flags: MapFlags.privateCopy)
  },
  refused("next_page", "A mapping of the page after the flush-id page fails with EINVAL.") { page in
    Place(length: page, past: page)
  },
  Check(
    "panthor.registers.offset_refused",
    "SET_USER_MMIO_OFFSET with another offset than the two defined ones fails with EINVAL.",
    .feature(.labels)
  ) { probe in
    guard probe.node.identity.version >= DriverVersion(1, 5) else {
      return try move(to: 0, .EINVAL, in: probe)
    }
    for offset: UInt64 in [0, 1 << 44, CDRM_PANTHOR_USER_MMIO_64BIT + 4096] {
      try move(to: offset, .EINVAL, in: probe)
    }
    try move(to: CDRM_PANTHOR_USER_MMIO_64BIT, .success, in: probe)
  },
  Check(
    "panthor.registers.offset_moved",
    "SET_USER_MMIO_OFFSET moves the flush-id page of the file to the other offset.",
    .feature(.reportsCoherency)
  ) { probe in
    try move(to: CDRM_PANTHOR_USER_MMIO_32BIT, .success, in: probe)
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

/// The arguments of a mapping of registers.
private struct Place {
  var length: UInt64
  var protection = Protection.read
  var flags = MapFlags.shared
  var past: UInt64 = 0
}

/// A check that a mapping of registers fails with EINVAL.
private func refused(
  _ name: String, _ statement: String, _ place: @escaping @Sendable (_ page: UInt64) -> Place
) -> Check {
  Check("panthor.registers.\(name)", statement) { probe in
    let place = place(probe.pageSize)
    try probe.expect(
      probe.mmap(
        length: place.length, protection: place.protection, flags: place.flags,
        offset: CDRM_PANTHOR_USER_MMIO_64BIT + place.past), .EINVAL)
  }
}

private func move(to offset: UInt64, _ outcome: Outcome, in probe: Probe) throws {
  try probe.call(
    cdrm_request_panthor_set_user_mmio_offset, cdrm_panthor_set_user_mmio_offset(offset: offset),
    outcome)
}
