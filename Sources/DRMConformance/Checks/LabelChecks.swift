// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// `DRM_IOCTL_PANTHOR_BO_SET_LABEL` and `DRM_IOCTL_PANFROST_SET_LABEL_BO`, which behave the same.
func labelChecks(_ driver: DRMDriver) -> [Check] {
  let prefix = driver.checkPrefixes.label

  func check(
    _ name: String, _ statement: String,
    body: @escaping @Sendable (Probe, borrowing BufferObject) throws -> Void
  ) -> Check {
    Check("\(prefix).\(name)", statement, .feature(.labels)) { probe in
      try body(probe, try probe.node.createBuffer(size: 4096))
    }
  }

  return checks(
    of: driver,
    [
      Check(
        "\(prefix).absent", "The label ioctl of a driver without labels fails with EINVAL.",
        .lacks(.labels)
      ) { probe in
        let buffer = try probe.node.createBuffer(size: 4096)
        try RawCalls.label(buffer.handle.rawValue, 0, .EINVAL, in: probe)
      },
      check("longest", "A label has up to 4095 bytes.") { probe, buffer in
        try expect(.success, String(repeating: "x", count: 4095), on: buffer, in: probe)
      },
      check("too_long", "A label of 4096 bytes fails with E2BIG.") { probe, buffer in
        try expect(.errno(.E2BIG), String(repeating: "x", count: 4096), on: buffer, in: probe)
      },
      check("empty_and_none", "A label may be empty, and a NULL label clears it.") {
        probe, buffer in
        try expect(.success, "", on: buffer, in: probe)
        try expect(.success, nil, on: buffer, in: probe)
      },
      Check(
        "\(prefix).pad_first", "A nonzero pad fails with EINVAL, also for an unknown handle.",
        .feature(.labels)
      ) { probe in
        try RawCalls.label(4711, 0, pad: 1, .EINVAL, in: probe)
      },
      Check(
        "\(prefix).bad_handle",
        "An unknown handle fails with ENOENT before the label is copied.", .feature(.labels)
      ) { probe in
        try RawCalls.label(4711, unmappedAddress, .ENOENT, in: probe)
      },
      check("bad_pointer", "A label in unmapped memory fails with EFAULT.") { probe, buffer in
        try RawCalls.label(buffer.handle.rawValue, unmappedAddress, .EFAULT, in: probe)
      },
      check("ends_unmapped", "A label that continues into unmapped memory fails with EFAULT.") {
        probe, buffer in
        let page = try GuardedPage(filledWith: 0x78)
        try RawCalls.label(buffer.handle.rawValue, page.end - 5, .EFAULT, in: probe)
      },
    ])
}

/// Sets a label through the client, or clears it for nil, and judges the outcome.
private func expect(
  _ outcome: Outcome, _ label: String?, on buffer: borrowing BufferObject, in probe: Probe
) throws {
  try probe.expect(outcome) { () throws(DRMError) in try buffer.setLabel(label) }
}
