// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// powervr as its source reads; no check of it ever ran on the real driver.
let powerVRChecks: [Check] = [
  Check(
    "powervr.create_bo.size", "CREATE_BO takes whole pages and does not round up: EINVAL.",
    .driver("powervr")
  ) { probe in
    for size: UInt64 in [0, 100, probe.pageSize + 1] {
      try probe.expect(create(size: size, in: probe).answer, .EINVAL)
    }
    let made = create(size: probe.pageSize, in: probe)
    try probe.expect(made.answer, .success)
    try probe.expectEqual("handle", made.handle, 1)
  },
  Check(
    "powervr.create_bo.flags", "Flags that only the kernel has, and unknown ones, are EINVAL.",
    .driver("powervr")
  ) { probe in
    for flags: UInt64 in [1 << 63, 1 << 62, 1 << 3] {
      try probe.expect(create(flags: flags, in: probe).answer, .EINVAL)
    }
  },
  Check(
    "powervr.create_bo.padding", "CREATE_BO with a nonzero padding is EINVAL.", .driver("powervr")
  ) { probe in
    try probe.expect(create(padding: 1, in: probe).answer, .EINVAL)
  },
  Check(
    "powervr.create_bo.protected_for_cpu",
    "What only the firmware may touch cannot be for the CPU: EINVAL.", .driver("powervr")
  ) { probe in
    try probe.expect(create(flags: 2 | 4, in: probe).answer, .EINVAL)
  },
  Check(
    "powervr.prime.export_protected", "A BO of the firmware's is not exported: EPERM.",
    .driver("powervr")
  ) { probe in
    let buffer = try probe.node.createBuffer(
      size: 4096, mapping: .none, options: .firmwareOnly)
    try probe.expect(.errno(.EPERM)) { () throws(DRMError) in _ = try buffer.export() }
  },
  Check(
    "powervr.mmap.not_for_cpu",
    "A BO that is not for the CPU has an offset, and its mapping is EINVAL.", .driver("powervr")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .none)
    let offset = try buffer.fakeOffset()
    try probe.expect(probe.mmap(length: 4096, offset: offset.rawValue), .EINVAL)
  },
  Check(
    "powervr.mmap.bytes", "A BO for the CPU is mapped, zeroed.", .driver("powervr")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    try probe.expectEqual("word", try buffer.map(.read).load(UInt64.self, at: 0), 0)
  },
  Check(
    "powervr.mmap_offset.order", "GET_BO_MMAP_OFFSET looks at its padding before the handle.",
    .driver("powervr")
  ) { probe in
    var argument = cdrm_pvr_get_bo_mmap_offset(handle: 77, _padding_4: 1, offset: 0)
    try probe.expect(
      probe.ioctl(cdrm_request_pvr_get_bo_mmap_offset, &argument), .EINVAL)
    argument._padding_4 = 0
    try probe.expect(
      probe.ioctl(cdrm_request_pvr_get_bo_mmap_offset, &argument), .ENOENT)
  },
  Check(
    "powervr.mmap.imported", "An imported BO has no flags, so its mapping is EINVAL.",
    .driver("powervr"), .otherDevice
  ) { probe in
    let foreign = try probe.openOther().createBuffer(size: 4096).export()
    let offset = try probe.node.importUnprepared(from: foreign).fakeOffset()
    try probe.expect(probe.mmap(length: 4096, offset: offset.rawValue), .EINVAL)
  },
]

private func create(
  size: UInt64? = nil, flags: UInt64 = 0, padding: UInt32 = 0, in probe: Probe
) -> (answer: CInt, handle: UInt32) {
  var argument = cdrm_pvr_create_bo(
    size: size ?? probe.pageSize, handle: 0, _padding_c: padding, flags: flags)
  let answer = probe.ioctl(cdrm_request_pvr_create_bo, &argument)
  return (answer, argument.handle)
}
