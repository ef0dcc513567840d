// SPDX-License-Identifier: MIT

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
    "panthor.bo_sync.stops_at_bad_handle",
    "Operations run in order up to the first that fails, whose errno is the answer: ENOENT.",
    .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    let handle = try probe.node.createBuffer(size: 4096, mapping: .writeBack).disown().rawValue
    let operations = [SyncWords(handle), SyncWords(4711), SyncWords(handle, type: 9)]
    try probe.expect(sync(operations, in: probe), .ENOENT)
  },
  Check(
    "panthor.bo_sync.stops_out_of_bounds",
    "Operations run in order up to the first that fails, whose errno is the answer: EINVAL.",
    .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    let handle = try probe.node.createBuffer(size: 4096, mapping: .writeBack).disown().rawValue
    let operations = [SyncWords(handle), SyncWords(handle, size: 1 << 40), SyncWords(4711)]
    try probe.expect(sync(operations, in: probe), .EINVAL)
  },
  Check(
    "panthor.bo_sync.same_range_twice",
    "One range may stand in an array twice.",
    .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
    var batch = SyncBatch()
    batch.append(SyncOperation(.flush, 0..<64), on: buffer)
    batch.append(SyncOperation(.flush, 0..<64), on: buffer)
    try probe.expect(.success) { () throws(DRMError) in try probe.node.sync(batch) }
  },
  Check(
    "panthor.bo_sync.many",
    "4096 operations are one call.",
    .driver("panthor"),
    .feature(.explicitSync)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096 * 64, mapping: .writeBack)
    var batch = SyncBatch(capacity: 4096)
    for line in 0..<4096 as Range<UInt64> {
      batch.append(SyncOperation(.flushAndInvalidate, line * 64..<(line + 1) * 64), on: buffer)
    }
    try probe.expect(.success) { () throws(DRMError) in try probe.node.sync(batch) }
  },
]

/// An operation as it lies in memory.
struct SyncWords: BitwiseCopyable {
  var handle: UInt32
  var type: UInt32
  var offset: UInt64
  var size: UInt64

  init(_ handle: UInt32, type: UInt32 = 0, offset: UInt64 = 0, size: UInt64 = 64) {
    self.handle = handle
    self.type = type
    self.offset = offset
    self.size = size
  }
}

/// Issues BO_SYNC on operations of the check's own making.
func sync(_ operations: [SyncWords], in probe: Probe) -> CInt {
  unsafe operations.withUnsafeBufferPointer { buffer in
    sync(
      count: UInt32(operations.count),
      stride: 24,
      array: UInt64(UInt(bitPattern: buffer.baseAddress)),
      in: probe
    )
  }
}

private func sync(_ words: [UInt64], count: UInt32, stride: UInt32, in probe: Probe) -> CInt {
  unsafe words.withUnsafeBufferPointer { buffer in
    sync(
      count: count,
      stride: stride,
      array: UInt64(UInt(bitPattern: buffer.baseAddress)),
      in: probe
    )
  }
}

private func sync(count: UInt32, stride: UInt32, array: UInt64, in probe: Probe) -> CInt {
  var argument = cdrm_panthor_bo_sync(
    ops: cdrm_panthor_obj_array(stride: stride, count: count, array: array)
  )
  return probe.ioctl(cdrm_request_panthor_bo_sync, &argument)
}

/// Flushes of a BO's first bytes, at a stride of five words.
private func strided(_ handle: UInt32, count: Int) -> [UInt64] {
  (0..<count).flatMap { index in [UInt64(handle), UInt64(index * 64), 64, 0, 0] }
}
