// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// `DRM_IOCTL_PANFROST_SYNC_BO`: the array of operations, and heap BOs.
let panfrostSyncArrayChecks: [Check] = checks(
  of: .panfrost,
  [
    array(
      "absent", "SYNC_BO fails with EINVAL on a driver without it, also with op_count 0.",
      [0], count: 0, .EINVAL, .lacks(.explicitSync)),
    array(
      "count_zero", "With op_count 0, SYNC_BO ignores the array.",
      [unmappedAddress], count: 0, .success),
    array(
      "pad", "SYNC_BO with a nonzero pad fails with EINVAL, also with op_count 0.",
      [0], count: 0, pad: 1, .EINVAL),
    array(
      "array_unmapped", "An array in unmapped memory fails with EFAULT.",
      [unmappedAddress, 0], count: 1, .EFAULT),
    Check(
      "panfrost.sync_bo.array_ends_unmapped",
      "An array whose last operation is unmapped fails with EFAULT before any operation runs.",
      .feature(.explicitSync)
    ) { probe in
      let page = try GuardedPage()
      try probe.expect(RawCalls.panfrostSync(page.end - 32, count: 2, in: probe), .ENOENT)
      try probe.expect(RawCalls.panfrostSync(page.end - 16, count: 2, in: probe), .EFAULT)
    },
    array(
      "count_huge", "More operations than the kernel can copy at once fail with ENOMEM.",
      [unmappedAddress], count: .max, .errno(.ENOMEM), provokesWarning: true),
    Check("panfrost.sync_bo.heap", "A heap BO can be synced.", .feature(.explicitSync)) { probe in
      let buffer = try PanfrostCalls.createHeap(in: probe)
      for kind in [SyncKind.flush, .flushAndInvalidate] {
        try probe.expect(.success) { () throws(DRMError) in try buffer.sync(kind, 0..<65536) }
      }
    },
  ])

/// A check of SYNC_BO with arrays at each of some addresses.
private func array(
  _ name: String, _ statement: String, _ addresses: [UInt64], count: UInt32, pad: UInt32 = 0,
  _ outcome: Outcome, _ requirement: Requirement = .feature(.explicitSync),
  provokesWarning: Bool = false
) -> Check {
  .each(
    "panfrost.sync_bo.\(name)", statement, addresses, outcome, requirement,
    provokesWarning: provokesWarning
  ) { RawCalls.panfrostSync($0, count: count, pad: pad, in: $1) }
}
