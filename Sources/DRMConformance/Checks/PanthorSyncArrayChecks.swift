// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRM
internal import DRMKernel

/// `DRM_IOCTL_PANTHOR_BO_SYNC`: the array of operations.
let panthorSyncArrayChecks: [Check] = [
  Check(
    "panthor.bo_sync.absent",
    "Without the feature, BO_SYNC is EINVAL, an empty one too.",
    .driver("panthor"),
    .lacks(.explicitSync)
  ) { probe in
    try probe.expect(sync(count: 0, stride: 0, array: 0, in: probe), .EINVAL)
  },
  Check(
    "panthor.bo_sync.all_zero",
    "BO_SYNC of nothing at all succeeds.",
    .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    try probe.expect(sync(count: 0, stride: 0, array: 0, in: probe), .success)
  },
  Check(
    "panthor.bo_sync.count_zero",
    "With count 0, neither stride nor array is looked at.",
    .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    try probe.expect(sync(count: 0, stride: 3, array: 0xdead, in: probe), .success)
  },
  Check(
    "panthor.bo_sync.stride_too_small",
    "A stride shorter than an operation is EINVAL.",
    .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    try probe.expect(sync(count: 1, stride: 20, array: UInt64(unmappedAddress), in: probe), .EINVAL)
    try probe.expect(sync(count: 1, stride: 0, array: UInt64(unmappedAddress), in: probe), .EINVAL)
  },
  Check(
    "panthor.bo_sync.stride_longer",
    "A longer stride with zero tails is accepted.",
    .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
    let words = strided(buffer.handle.rawValue, count: 4)
    try probe.expect(sync(words, count: 4, stride: 40, in: probe), .success)
  },
  Check(
    "panthor.bo_sync.stride_odd",
    "The stride need not be aligned.",
    .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    let words = [UInt64](repeating: 0, count: 4)
    try probe.expect(sync(words, count: 1, stride: 25, in: probe), .ENOENT)
  },
  Check(
    "panthor.bo_sync.stride_tail",
    "A nonzero byte in the tail of any operation is E2BIG before any operation runs.",
    .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
    var words = strided(buffer.handle.rawValue, count: 4)
    words[0] = 4711
    words[5 * 3 + 4] = 1 << 56
    try probe.expect(sync(words, count: 4, stride: 40, in: probe), .errno(.E2BIG))
  },
  Check(
    "panthor.bo_sync.array_unmapped",
    "An array that is not mapped is EFAULT.",
    .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    try probe.expect(
      sync(count: 1, stride: 24, array: UInt64(unmappedAddress), in: probe),
      .EFAULT
    )
    try probe.expect(sync(count: 1, stride: 24, array: 0, in: probe), .EFAULT)
  },
  Check(
    "panthor.bo_sync.array_kernel_address",
    "An array at an address of the kernel's is EFAULT.",
    .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    try probe.expect(
      sync(count: 1, stride: 24, array: 0xffff_0000_0000_0000, in: probe),
      .EFAULT
    )
  },
  Check(
    "panthor.bo_sync.array_ends_unmapped",
    "An array whose last operation is not mapped is EFAULT before any operation runs.",
    .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    // Every operation is zero, and no BO has handle 0: had any been run, the answer would be ENOENT.
    let page = try GuardedPage()
    try probe.expect(sync(count: 2, stride: 24, array: page.end - 48, in: probe), .ENOENT)
    try probe.expect(sync(count: 2, stride: 24, array: page.end - 24, in: probe), .EFAULT)
    try probe.expect(sync(count: 2, stride: 24, array: page.end - 47, in: probe), .EFAULT)
  },
  Check(
    "panthor.bo_sync.count_huge",
    "More operations than the kernel can copy at once is ENOMEM.",
    .driver("panthor"),
    .feature(.explicitSync),
    provokesWarning: true
  ) { probe in
    try probe.expect(
      sync(count: .max, stride: 24, array: UInt64(unmappedAddress), in: probe),
      .errno(.ENOMEM)
    )
  },
  Check(
    "panthor.bo_sync.no_mmap",
    "A BO without CPU mapping can be synced; there is nothing to do.", .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 16384, mapping: .none)
    try probe.expect(.success) { () throws(DRMError) in
      try buffer.sync(.flushAndInvalidate, 0..<16384)
    }
  },
]

private func sync(_ words: [UInt64], count: UInt32, stride: UInt32, in probe: Probe) -> CInt {
  unsafe words.withUnsafeBufferPointer { buffer in
    sync(
      count: count, stride: stride, array: UInt64(UInt(bitPattern: buffer.baseAddress)), in: probe)
  }
}

private func sync(count: UInt32, stride: UInt32, array: UInt64, in probe: Probe) -> CInt {
  RawCalls.panthorSync(array, stride: stride, count: count, in: probe)
}

/// Flushes of a BO's first bytes, at a stride of five words.
private func strided(_ handle: UInt32, count: Int) -> [UInt64] {
  (0..<count).flatMap { index in [UInt64(handle), UInt64(index * 64), 64, 0, 0] }
}
