// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// `DRM_IOCTL_PANTHOR_BO_MMAP_OFFSET` and `mmap` on the node.
let panthorMappingChecks: [Check] = [
  Check(
    "panthor.bo_mmap_offset.pad_first",
    "BO_MMAP_OFFSET with a nonzero pad is EINVAL, even for a handle that never was.",
    .driver("panthor")
  ) { probe in
    try probe.expect(offset(4711, pad: 1, in: probe), .EINVAL)
  },
  Check(
    "panthor.bo_mmap_offset.bad_handle",
    "BO_MMAP_OFFSET of a handle that never was is ENOENT.",
    .driver("panthor")
  ) { probe in
    try probe.expect(offset(4711, in: probe), .ENOENT)
  },
  Check(
    "panthor.bo_mmap_offset.no_mmap",
    "A NO_MMAP BO cannot be mapped: EPERM for its offset, or EINVAL from mmap on older kernels.",
    .driver("panthor")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .none)
    try probe.expect(.errno(.EPERM, .EINVAL)) { () throws(DRMError) in _ = try buffer.map() }
  },
  Check(
    "panthor.bo_mmap_offset.stable",
    "The fake offset is a whole number of pages past 4 GiB and the same at every call.",
    .driver("panthor")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let first = try buffer.fakeOffset().rawValue
    let second = try buffer.fakeOffset().rawValue
    try probe.expectEqual("same", first == second, true)
    try probe.expectEqual("past 4 GiB", first >= 1 << 32, true)
    try probe.expectEqual("within a page", first % probe.pageSize, 0)
  },
  Check(
    "panthor.mmap.private_copy",
    "A private mapping of a BO is EINVAL.",
    .driver("panthor")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let offset = try buffer.fakeOffset().rawValue
    try probe.expect(
      probe.mmap(length: 4096, flags: MapFlags.privateCopy, offset: offset),
      .EINVAL
    )
  },
  Check(
    "panthor.mmap.inside",
    "A mapping that starts inside a BO is EINVAL.",
    .driver("panthor")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4 * probe.pageSize)
    let offset = try buffer.fakeOffset().rawValue
    try probe.expect(
      probe.mmap(length: probe.pageSize, offset: offset + probe.pageSize),
      .EINVAL
    )
  },
  Check(
    "panthor.mmap.past_end",
    "A mapping longer than its BO is EINVAL.",
    .driver("panthor")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let offset = try buffer.fakeOffset().rawValue
    try probe.expect(probe.mmap(length: buffer.size + 1, offset: offset), .EINVAL)
  },
  Check(
    "panthor.mmap.first_page",
    "A mapping may be shorter than its BO.",
    .driver("panthor")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4 * probe.pageSize)
    let offset = try buffer.fakeOffset().rawValue
    try probe.expect(probe.mmap(length: probe.pageSize, offset: offset), .success)
  },
  Check(
    "panthor.mmap.nothing_there",
    "A mapping at an offset that no BO has is EINVAL.",
    .driver("panthor")
  ) { probe in
    try probe.expect(probe.mmap(length: 4096, offset: 0), .EINVAL)
  },
  Check(
    "panthor.mmap.other_file",
    "A file without a handle of the BO may not map it: EACCES.",
    .driver("panthor")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let offset = try buffer.fakeOffset().rawValue
    let other = try probe.openAgain()
    try probe.expect(probe.mmap(length: 4096, other.descriptor, offset: offset), .EACCES)
  },
  Check(
    "panthor.mmap.after_close",
    "Once its last handle is closed a BO cannot be mapped: EINVAL.",
    .driver("panthor")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let offset = try buffer.fakeOffset().rawValue
    try buffer.close()
    try probe.expect(probe.mmap(length: 4096, offset: offset), .EINVAL)
  },
  Check(
    "panthor.mmap.kept_by_mapping",
    "A mapping keeps its BO: the bytes stay, and mapping it anew without a handle is EACCES.",
    .driver("panthor")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let offset = try buffer.fakeOffset().rawValue
    var mapping = try buffer.map()
    mapping.store(0x5a5a_1234 as UInt32, at: 0)
    try buffer.close()
    let word = mapping.load(UInt32.self, at: 0)
    try probe.expectEqual("first word", word, 0x5a5a_1234)
    try probe.expect(probe.mmap(length: 4096, offset: offset), .EACCES)
  },
  Check(
    "panthor.mmap.read_only_file",
    "A file opened for reading only cannot be mapped writable: EACCES.",
    .driver("panthor")
  ) { probe in
    let descriptor = try probe.open(flags: AccessMode.readOnly)
    var created = cdrm_panthor_bo_create()
    created.size = 4096
    try probe.expect(
      probe.ioctl(cdrm_request_panthor_bo_create, &created, on: descriptor),
      .success
    )
    var place = cdrm_panthor_bo_mmap_offset(handle: created.handle, pad: 0, offset: 0)
    try probe.expect(
      probe.ioctl(cdrm_request_panthor_bo_mmap_offset, &place, on: descriptor),
      .success
    )
    try probe.expect(probe.mmap(length: 4096, descriptor, offset: place.offset), .EACCES)
    try probe.expect(
      probe.mmap(length: 4096, protection: Protection.read, descriptor, offset: place.offset),
      .success
    )
  },
  Check(
    "panthor.mmap.shared_bytes",
    "Two mappings of a BO show the same bytes.",
    .driver("panthor")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    var first = try buffer.map()
    let second = try buffer.map(.read)
    first.store(0x1234_5678 as UInt32, at: 64)
    let word = second.load(UInt32.self, at: 64)
    try probe.expectEqual("word", word, 0x1234_5678)
  },
]

private func offset(_ handle: UInt32, pad: UInt32 = 0, in probe: Probe) -> CInt {
  var argument = cdrm_panthor_bo_mmap_offset(handle: handle, pad: pad, offset: 0)
  return probe.ioctl(cdrm_request_panthor_bo_mmap_offset, &argument)
}
