// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRM
internal import DRMKernel

/// `DRM_IOCTL_PANFROST_SYNC_BO`: the array of operations, and heap BOs.
let panfrostSyncArrayChecks: [Check] = [
  Check(
    "panfrost.sync_bo.absent", "Without the feature, SYNC_BO is EINVAL, an empty one too.",
    .driver("panfrost"), .lacks(.explicitSync)
  ) { probe in
    try probe.expect(RawCalls.panfrostSync(0, count: 0, in: probe), .EINVAL)
  },
  Check(
    "panfrost.sync_bo.count_zero", "With no operations, the array is not looked at.",
    .driver("panfrost"), .feature(.explicitSync)
  ) { probe in
    try probe.expect(
      RawCalls.panfrostSync(UInt64(unmappedAddress), count: 0, in: probe), .success)
  },
  Check(
    "panfrost.sync_bo.pad", "A nonzero pad is EINVAL, with no operations too.",
    .driver("panfrost"), .feature(.explicitSync)
  ) { probe in
    try probe.expect(RawCalls.panfrostSync(0, count: 0, pad: 1, in: probe), .EINVAL)
  },
  Check(
    "panfrost.sync_bo.array_unmapped", "An array that is not mapped is EFAULT.",
    .driver("panfrost"), .feature(.explicitSync)
  ) { probe in
    try probe.expect(
      RawCalls.panfrostSync(UInt64(unmappedAddress), count: 1, in: probe), .EFAULT)
    try probe.expect(RawCalls.panfrostSync(0, count: 1, in: probe), .EFAULT)
  },
  Check(
    "panfrost.sync_bo.array_ends_unmapped",
    "An array whose last operation is not mapped is EFAULT before any operation runs.",
    .driver("panfrost"), .feature(.explicitSync)
  ) { probe in
    let page = try GuardedPage()
    try probe.expect(RawCalls.panfrostSync(page.end - 32, count: 2, in: probe), .ENOENT)
    try probe.expect(RawCalls.panfrostSync(page.end - 16, count: 2, in: probe), .EFAULT)
  },
  Check(
    "panfrost.sync_bo.count_huge", "More operations than the kernel can copy at once is ENOMEM.",
    .driver("panfrost"), .feature(.explicitSync), provokesWarning: true
  ) { probe in
    try probe.expect(
      RawCalls.panfrostSync(UInt64(unmappedAddress), count: .max, in: probe), .errno(.ENOMEM))
  },
  Check(
    "panfrost.sync_bo.heap", "A heap BO can be synced.", .driver("panfrost"),
    .feature(.explicitSync)
  ) { probe in
    let buffer = try probe.node.createBuffer(
      size: 65536, mapping: .none, options: [.heap, .noExecute])
    for kind in [SyncKind.flush, .flushAndInvalidate] {
      try probe.expect(.success) { () throws(DRMError) in try buffer.sync(kind, 0..<65536) }
    }
  },
]
