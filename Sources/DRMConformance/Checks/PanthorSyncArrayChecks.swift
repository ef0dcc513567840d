// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// `DRM_IOCTL_PANTHOR_BO_SYNC`: the array of operations.
let panthorSyncArrayChecks: [Check] = checks(
  of: .panthor,
  [
    arrays(
      "absent", "BO_SYNC fails with EINVAL on a driver without it, also with count 0.",
      [(count: 0, stride: 0, address: 0)], .EINVAL, .lacks(.explicitSync)),
    arrays(
      "all_zero", "BO_SYNC with count, stride and array 0 succeeds.",
      [(count: 0, stride: 0, address: 0)], .success),
    arrays(
      "count_zero", "With count 0, BO_SYNC ignores stride and array.",
      [(count: 0, stride: 3, address: 0xdead)], .success),
    arrays(
      "stride_too_small", "A stride shorter than an operation fails with EINVAL.",
      [
        (count: 1, stride: 20, address: unmappedAddress),
        (count: 1, stride: 0, address: unmappedAddress),
      ], .EINVAL),
    strided(
      "stride_longer",
      "A stride longer than an operation succeeds where the additional bytes are zero.", .success),
    Check(
      "panthor.bo_sync.stride_odd", "The stride need not be aligned.", .feature(.explicitSync)
    ) { probe in
      let words = [UInt64](repeating: 0, count: 4)
      try probe.expect(sync(words, count: 1, stride: 25, in: probe), .ENOENT)
    },
    strided(
      "stride_tail",
      "A nonzero byte after any operation, within the stride, fails with E2BIG before any runs.",
      .errno(.E2BIG)
    ) { words in
      words[0] = 4711
      words[5 * 3 + 4] = 1 << 56
    },
    arrays(
      "array_unmapped", "An array in unmapped memory fails with EFAULT.",
      [(count: 1, stride: 24, address: unmappedAddress), (count: 1, stride: 24, address: 0)],
      .EFAULT),
    arrays(
      "array_kernel_address", "An array at a kernel address fails with EFAULT.",
      [(count: 1, stride: 24, address: 0xffff_0000_0000_0000)], .EFAULT),
    Check(
      "panthor.bo_sync.array_ends_unmapped",
      "An array whose last operation is unmapped fails with EFAULT before any operation runs.",
      .feature(.explicitSync)
    ) { probe in
      // Every operation is zero, and handle 0 is never valid: if one ran, the call would fail with ENOENT.
      let page = try GuardedPage()
      for (before, outcome) in [(48, .ENOENT), (24, .EFAULT), (47, .EFAULT)]
        as [(UInt64, Outcome)]
      {
        try probe.expect(
          RawCalls.panthorSync(page.end - before, stride: 24, count: 2, in: probe), outcome)
      }
    },
    arrays(
      "count_huge", "More operations than the kernel can copy at once fail with ENOMEM.",
      [(count: .max, stride: 24, address: unmappedAddress)], .errno(.ENOMEM), provokesWarning: true),
    Check(
      "panthor.bo_sync.no_mmap", "A NO_MMAP BO can be synced.", .feature(.explicitSync)
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 16384, mapping: .none)
      try probe.expect(.success) { () throws(DRMError) in
        try buffer.sync(.flushAndInvalidate, 0..<16384)
      }
    },
  ])

/// A check that BO_SYNC has one outcome for each of some array descriptors.
private func arrays(
  _ name: String, _ statement: String,
  _ arrays: [(count: UInt32, stride: UInt32, address: UInt64)], _ outcome: Outcome,
  _ requirement: Requirement = .feature(.explicitSync), provokesWarning: Bool = false
) -> Check {
  .each(
    "panthor.bo_sync.\(name)", statement, arrays, outcome, requirement,
    provokesWarning: provokesWarning
  ) { array, probe in
    RawCalls.panthorSync(array.address, stride: array.stride, count: array.count, in: probe)
  }
}

private func sync(_ words: [UInt64], count: UInt32, stride: UInt32, in probe: Probe) -> CInt {
  unsafe words.withUnsafeBufferPointer { buffer in
    RawCalls.panthorSync(
      UInt64(UInt(bitPattern: buffer.baseAddress)), stride: stride, count: count, in: probe)
  }
}

/// A check of four FLUSH operations with a stride of five words, of which some are changed.
private func strided(
  _ name: String, _ statement: String, _ outcome: Outcome,
  change: @escaping @Sendable (inout [UInt64]) -> Void = { _ in }
) -> Check {
  Check("panthor.bo_sync.\(name)", statement, .feature(.explicitSync)) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
    let handle = UInt64(buffer.handle.rawValue)
    var words: [UInt64] = []
    for index in 0..<4 as Range<UInt64> { words += [handle, index * 64, 64, 0, 0] }
    change(&words)
    try probe.expect(sync(words, count: 4, stride: 40, in: probe), outcome)
  }
}
