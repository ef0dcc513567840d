// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRM
internal import DRMKernel

/// `DRM_IOCTL_PANFROST_CREATE_BO`.
let panfrostCreateChecks: [Check] = [
  Check("panfrost.create_bo.size_zero", "CREATE_BO of size 0 is EINVAL.", .driver("panfrost")) {
    probe in
    try probe.expect(create(size: 0, in: probe), .EINVAL)
  },
  Check("panfrost.create_bo.pad", "CREATE_BO with a nonzero pad is EINVAL.", .driver("panfrost")) {
    probe in
    try probe.expect(create(pad: 1, in: probe), .EINVAL)
  },
  Check(
    "panfrost.create_bo.unknown_flag", "CREATE_BO with an unknown flag is EINVAL.",
    .driver("panfrost")
  ) { probe in
    try probe.expect(create(flags: 8, in: probe), .EINVAL)
    try probe.expect(create(flags: 1 << 31, in: probe), .EINVAL)
  },
  Check(
    "panfrost.create_bo.heap_executable", "A heap BO must not be executable: EINVAL.",
    .driver("panfrost")
  ) { probe in
    try probe.expect(create(flags: heap, in: probe), .EINVAL)
  },
  Check(
    "panfrost.create_bo.heap_wb_mmap", "A heap BO has no WB mapping: EINVAL.",
    .driver("panfrost")
  ) { probe in
    try probe.expect(create(flags: heap | noExecute | wbMmap, in: probe), .EINVAL)
    try probe.expect(create(flags: heap | wbMmap, in: probe), .EINVAL)
  },
  Check(
    "panfrost.create_bo.wb_mmap_absent", "Without the feature, CREATE_BO with WB_MMAP is EINVAL.",
    .driver("panfrost"), .lacks(.writeBackMapping)
  ) { probe in
    try probe.expect(create(flags: wbMmap, in: probe), .EINVAL)
  },
  Check(
    "panfrost.create_bo.heap_absent", "Without the feature, CREATE_BO with NOEXEC is EINVAL.",
    .driver("panfrost"), .lacks(.heapBuffers)
  ) { probe in
    try probe.expect(create(flags: noExecute, in: probe), .EINVAL)
  },
  Check(
    "panfrost.create_bo.outputs",
    "CREATE_BO gives a handle and a GPU address from 32 MiB on, and leaves the size as it was.",
    .driver("panfrost")
  ) { probe in
    var argument = cdrm_panfrost_create_bo()
    argument.size = 1
    try probe.expect(probe.ioctl(cdrm_request_panfrost_create_bo, &argument), .success)
    try probe.expectEqual("size", argument.size, 1)
    try probe.expectEqual("handle", argument.handle, 1)
    try probe.expectEqual("from 32 MiB on", argument.offset >= 32 << 20, true)
    try probe.expectEqual("within a page", argument.offset % probe.pageSize, 0)
  },
  Check(
    "panfrost.create_bo.size_past_addresses",
    "A size that the GPU's 4 GiB of addresses cannot take is ENOSPC.", .driver("panfrost"),
    .feature(.heapBuffers)
  ) { probe in
    try probe.expect(create(size: 0xffff_f000, flags: noExecute, in: probe), .errno(.ENOSPC))
    try probe.expect(create(size: .max, flags: noExecute, in: probe), .errno(.ENOSPC))
  },
  Check("panfrost.create_bo.zeroed", "A new BO reads as zero.", .driver("panfrost")) { probe in
    let mapping = try probe.node.createBuffer(size: 5000).map(.read)
    let isZero = try mapping.withBytes(in: 0..<UInt64(mapping.length)) { bytes in
      unsafe bytes.withUnsafeBytes { unsafe $0.allSatisfy { $0 == 0 } }
    }
    try probe.expectEqual("all zero", isZero, true)
  },
  Check(
    "panfrost.create_bo.heap", "A heap BO is created, and has no CPU mapping: EINVAL.",
    .driver("panfrost"), .feature(.heapBuffers)
  ) { probe in
    let buffer = try probe.node.createBuffer(
      size: 65536, mapping: .none, options: [.heap, .noExecute])
    try probe.expect(.EINVAL) { () throws(DRMError) in _ = try buffer.fakeOffset() }
  },
]

private let noExecute = UInt32(CDRM_PANFROST_BO_NOEXEC)
private let heap = UInt32(CDRM_PANFROST_BO_HEAP)
private let wbMmap = UInt32(CDRM_PANFROST_BO_WB_MMAP)

private func create(
  size: UInt32 = 4096, flags: UInt32 = 0, pad: UInt32 = 0, in probe: Probe
) -> CInt {
  var argument = cdrm_panfrost_create_bo(size: size, flags: flags, handle: 0, pad: pad, offset: 0)
  return probe.ioctl(cdrm_request_panfrost_create_bo, &argument)
}
