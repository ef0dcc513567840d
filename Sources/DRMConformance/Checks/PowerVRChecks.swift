// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// powervr, written from the driver's source: none of these checks ever ran on the real driver.
let powerVRChecks: [Check] = checks(
  of: .powervr,
  [
    Check(
      "powervr.create_bo.size",
      "CREATE_BO does not round: a size other than whole pages fails with EINVAL."
    ) { probe in
      for size: UInt64 in [0, 100, probe.pageSize + 1] {
        try create(size: size, .EINVAL, in: probe)
      }
      try probe.expectEqual("handle", try create(.success, in: probe), 1)
    },
    Check(
      "powervr.create_bo.flags",
      "CREATE_BO with a kernel-internal or unknown flag fails with EINVAL."
    ) { probe in
      for flags: UInt64 in [1 << 63, 1 << 62, 1 << 3] {
        try create(flags: flags, .EINVAL, in: probe)
      }
    },
    Check(
      "powervr.create_bo.padding", "CREATE_BO with a nonzero padding fails with EINVAL."
    ) { probe in
      try create(padding: 1, .EINVAL, in: probe)
    },
    Check(
      "powervr.create_bo.protected_for_cpu",
      "CREATE_BO with PM_FW_PROTECT and ALLOW_CPU_USERSPACE_ACCESS fails with EINVAL."
    ) { probe in
      try create(flags: 2 | 4, .EINVAL, in: probe)
    },
    Check(
      "powervr.prime.export_protected", "The export of a BO with PM_FW_PROTECT fails with EPERM."
    ) { probe in
      let buffer = try probe.node.createBuffer(
        size: 4096, mapping: .none, options: .firmwareOnly)
      try probe.expect(.errno(.EPERM)) { () throws(DRMError) in _ = try buffer.export() }
    },
    Check(
      "powervr.mmap.not_for_cpu",
      "A BO without CPU access has a fake offset, and its mapping fails with EINVAL."
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096, mapping: .none)
      let offset = try buffer.fakeOffset()
      try probe.expect(probe.mmap(length: 4096, offset: offset.rawValue), .EINVAL)
    },
    Check(
      "powervr.mmap.bytes", "A BO with CPU access can be mapped and contains zeroes."
    ) { probe in
      let buffer = try probe.node.createBuffer(size: 4096)
      try probe.expectEqual("word", try buffer.map(.read).load(UInt64.self, at: 0), 0)
    },
    Check(
      "powervr.mmap_offset.order",
      "GET_BO_MMAP_OFFSET checks the padding before it looks up the handle."
    ) { probe in
      var argument = cdrm_pvr_get_bo_mmap_offset(handle: 77, _padding_4: 1, offset: 0)
      try probe.call(cdrm_request_pvr_get_bo_mmap_offset, argument, .EINVAL)
      argument._padding_4 = 0
      try probe.call(cdrm_request_pvr_get_bo_mmap_offset, argument, .ENOENT)
    },
    Check(
      "powervr.mmap.imported",
      "The mapping of an imported BO fails with EINVAL: it has no CPU access flag.", .otherDevice
    ) { probe in
      let foreign = try probe.openOther().createBuffer(size: 4096).export()
      let offset = try probe.node.importUnprepared(from: foreign).fakeOffset()
      try probe.expect(probe.mmap(length: 4096, offset: offset.rawValue), .EINVAL)
    },
  ])

/// Creates a BO of one page by default, judges the outcome, and returns the handle.
@discardableResult
private func create(
  size: UInt64? = nil, flags: UInt64 = 0, padding: UInt32 = 0, _ outcome: Outcome,
  in probe: Probe
) throws -> UInt32 {
  try probe.call(
    cdrm_request_pvr_create_bo,
    cdrm_pvr_create_bo(
      size: size ?? probe.pageSize, handle: 0, _padding_c: padding, flags: flags), outcome
  ).handle
}
