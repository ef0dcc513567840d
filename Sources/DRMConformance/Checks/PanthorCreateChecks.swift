// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRM
internal import DRMKernel

/// `DRM_IOCTL_PANTHOR_BO_CREATE`.
let panthorCreateChecks: [Check] = [
  Check("panthor.bo_create.size_zero", "BO_CREATE of size 0 is EINVAL.", .driver("panthor")) {
    probe in
    try probe.expect(create(size: 0, in: probe), .EINVAL)
  },
  Check("panthor.bo_create.pad", "BO_CREATE with a nonzero pad is EINVAL.", .driver("panthor")) {
    probe in
    try probe.expect(create(size: 4096, pad: 1, in: probe), .EINVAL)
  },
  Check(
    "panthor.bo_create.unknown_flag",
    "BO_CREATE with an unknown flag is EINVAL.",
    .driver("panthor")
  ) { probe in
    try probe.expect(create(size: 4096, flags: 4, in: probe), .EINVAL)
    try probe.expect(create(size: 4096, flags: 1 << 31, in: probe), .EINVAL)
  },
  Check(
    "panthor.bo_create.wb_mmap_absent",
    "Without the feature, BO_CREATE with WB_MMAP is EINVAL.",
    .driver("panthor"),
    .lacks(.writeBackMapping)
  ) { probe in
    try probe.expect(create(size: 4096, flags: wbMmap, in: probe), .EINVAL)
  },
  Check(
    "panthor.bo_create.no_mmap_and_wb_mmap",
    "BO_CREATE with NO_MMAP and WB_MMAP is EINVAL.",
    .driver("panthor"),
    .feature(.writeBackMapping)
  ) { probe in
    try probe.expect(create(size: 4096, flags: noMmap | wbMmap, in: probe), .EINVAL)
  },
  Check(
    "panthor.bo_create.wb_mmap_without_vm",
    "WB_MMAP does not need an exclusive VM.",
    .driver("panthor"),
    .feature(.writeBackMapping)
  ) { probe in
    try probe.expect(create(size: 4096, flags: wbMmap, in: probe), .success)
  },
  Check(
    "panthor.bo_create.wb_mmap_on_coherent",
    "WB_MMAP is accepted and reported on a coherent device, where it changes nothing.",
    .driver("panthor"),
    .feature(.writeBackMapping),
    .coherent
  ) { probe in
    let info = try probe.node.createBuffer(size: 4096, mapping: .writeBack).info()
    try probe.expectEqual("mapping", info.mapping, .writeBack)
  },
  Check(
    "panthor.bo_create.unknown_vm",
    "BO_CREATE for an exclusive VM that never was is EINVAL.",
    .driver("panthor")
  ) { probe in
    try probe.expect(create(size: 4096, vm: 1, in: probe), .EINVAL)
  },
  Check(
    "panthor.bo_create.rounds_up",
    "BO_CREATE rounds the size up to whole pages and returns it.",
    .driver("panthor")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 1)
    try probe.expectEqual("size", buffer.size, probe.pageSize)
    try probe.expectEqual("handle", buffer.handle.rawValue, 1)
    try probe.expectEqual(
      "next size",
      try probe.node.createBuffer(size: probe.pageSize + 1).size,
      2 * probe.pageSize
    )
  },
  Check("panthor.bo_create.zeroed", "A new BO reads as zero.", .driver("panthor")) { probe in
    let mapping = try probe.node.createBuffer(size: 5000).map(.read)
    let isZero = try mapping.withBytes(in: 0..<UInt64(mapping.length)) { bytes in
      unsafe bytes.withUnsafeBytes { unsafe $0.allSatisfy { $0 == 0 } }
    }
    try probe.expectEqual("all zero", isZero, true)
  },
  Check(
    "panthor.bo_create.size_wraps",
    "A size that wraps to 0 when it is rounded is ENOSPC, from the space of fake offsets.",
    .driver("panthor")
  ) { probe in
    try probe.expect(create(size: .max, in: probe), .errno(.ENOSPC))
  },
  Check(
    "panthor.bo_create.size_past_offsets",
    "A size that no fake offset can cover is ENOSPC.",
    .driver("panthor")
  ) { probe in
    try probe.expect(create(size: 1 << 62, in: probe), .errno(.ENOSPC))
  },
  Check(
    "panthor.bo_create.size_negative",
    "A size past the largest file is EINVAL.",
    .driver("panthor")
  ) { probe in
    try probe.expect(create(size: 1 << 63, in: probe), .EINVAL)
  },
]

private let noMmap = UInt32(CDRM_PANTHOR_BO_NO_MMAP)
private let wbMmap = UInt32(CDRM_PANTHOR_BO_WB_MMAP)

private func create(
  size: UInt64,
  flags: UInt32 = 0,
  vm: UInt32 = 0,
  pad: UInt32 = 0,
  in probe: Probe
) -> CInt {
  var argument = cdrm_panthor_bo_create(
    size: size,
    flags: flags,
    exclusive_vm_id: vm,
    handle: 0,
    pad: pad
  )
  return probe.ioctl(cdrm_request_panthor_bo_create, &argument)
}
