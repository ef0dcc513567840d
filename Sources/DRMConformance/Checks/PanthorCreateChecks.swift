// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// `DRM_IOCTL_PANTHOR_BO_CREATE`.
let panthorCreateChecks: [Check] = checks(
  of: .panthor,
  [
    create("size_zero", "BO_CREATE of size 0 fails with EINVAL.", size: 0, .EINVAL),
    create("pad", "BO_CREATE with a nonzero pad fails with EINVAL.", pad: 1, .EINVAL),
    create(
      "unknown_flag", "BO_CREATE with an unknown flag fails with EINVAL.",
      flags: [4, 1 << 31], .EINVAL),
    create(
      "wb_mmap_absent", "BO_CREATE with WB_MMAP fails with EINVAL on a driver without it.",
      flags: [wbMmap], .EINVAL, .lacks(.writeBackMapping)),
    create(
      "no_mmap_and_wb_mmap", "BO_CREATE with NO_MMAP and WB_MMAP fails with EINVAL.",
      flags: [noMmap | wbMmap], .EINVAL, .feature(.writeBackMapping)),
    create(
      "wb_mmap_without_vm", "BO_CREATE with WB_MMAP succeeds without an exclusive VM.",
      flags: [wbMmap], .success, .feature(.writeBackMapping)),
    Check(
      "panthor.bo_create.wb_mmap_on_coherent",
      "A coherent device accepts WB_MMAP and reports it in BO_QUERY_INFO.",
      .feature(.writeBackMapping), .coherent
    ) { probe in
      let info = try probe.node.createBuffer(size: 4096, mapping: .writeBack).info()
      try probe.expectEqual("mapping", info.mapping, .writeBack)
    },
    create(
      "unknown_vm", "BO_CREATE with an unknown exclusive VM fails with EINVAL.", vm: 1, .EINVAL),
    Check(
      "panthor.bo_create.rounds_up",
      "BO_CREATE rounds the size up to whole pages and returns the rounded size."
    ) { probe in
      let page = probe.pageSize
      let buffer = try probe.node.createBuffer(size: 1)
      try probe.expectEqual("size", buffer.size, page)
      try probe.expectEqual("handle", buffer.handle.rawValue, 1)
      let next = try probe.node.createBuffer(size: page + 1)
      try probe.expectEqual("next size", next.size, 2 * page)
    },
    zeroedBuffer("panthor.bo_create.zeroed"),
    create(
      "size_wraps",
      "BO_CREATE of a size that wraps to 0 when it is rounded fails with ENOSPC.",
      size: .max, .errno(.ENOSPC)),
    create(
      "size_past_offsets",
      "BO_CREATE of a size larger than the space of fake offsets fails with ENOSPC.",
      size: 1 << 62, .errno(.ENOSPC)),
    create(
      "size_negative",
      "BO_CREATE of a size of 1 << 63, which is negative as a file size, fails with EINVAL.",
      size: 1 << 63, .EINVAL),
  ])

private let noMmap = UInt32(CDRM_PANTHOR_BO_NO_MMAP)
private let wbMmap = UInt32(CDRM_PANTHOR_BO_WB_MMAP)

/// A check of BO_CREATE with each of some flags.
private func create(
  _ name: String, _ statement: String, size: UInt64 = 4096, flags: [UInt32] = [0],
  vm: UInt32 = 0, pad: UInt32 = 0, _ outcome: Outcome, _ requires: Requirement...
) -> Check {
  Check("panthor.bo_create.\(name)", statement, requires) { probe in
    for flags in flags {
      try probe.call(
        cdrm_request_panthor_bo_create,
        cdrm_panthor_bo_create(
          size: size, flags: flags, exclusive_vm_id: vm, handle: 0, pad: pad), outcome)
    }
  }
}

/// `DRM_IOCTL_PANTHOR_BO_MMAP_OFFSET`.
let panthorOffsetChecks: [Check] = checks(
  of: .panthor,
  [
    .call(
      "panthor.bo_mmap_offset.pad_first",
      "BO_MMAP_OFFSET with a nonzero pad fails with EINVAL, also for an unknown handle.",
      cdrm_request_panthor_bo_mmap_offset,
      cdrm_panthor_bo_mmap_offset(handle: 4711, pad: 1, offset: 0), .EINVAL),
    .call(
      "panthor.bo_mmap_offset.bad_handle",
      "BO_MMAP_OFFSET of an unknown handle fails with ENOENT.",
      cdrm_request_panthor_bo_mmap_offset,
      cdrm_panthor_bo_mmap_offset(handle: 4711, pad: 0, offset: 0), .ENOENT),
    Check(
      "panthor.bo_mmap_offset.no_mmap",
      "BO_MMAP_OFFSET of a NO_MMAP BO fails with EPERM, or on older kernels its mmap with EINVAL."
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096, mapping: .none)
      var argument = cdrm_panthor_bo_mmap_offset(
        handle: buffer.handle.rawValue, pad: 0, offset: 0)
      let answer = probe.ioctl(cdrm_request_panthor_bo_mmap_offset, &argument)
      guard answer >= 0 else { return try probe.expect(answer, .errno(.EPERM)) }
      try probe.expectEqual("has an offset", argument.offset != 0, true)
      try probe.expect(probe.mmap(length: 4096, offset: argument.offset), .EINVAL)
    },
    stableFakeOffset("panthor.bo_mmap_offset.stable"),
  ])
