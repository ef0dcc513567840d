// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRM
internal import DRMKernel

/// What panfrost does with BOs beside creating and syncing them.
let panfrostBufferChecks: [Check] = [
  Check(
    "panfrost.mmap_bo.flags_first",
    "MMAP_BO with any flag is EINVAL, even for a handle that never was.", .driver("panfrost")
  ) { probe in
    try probe.expect(offset(4711, flags: 1, in: probe), .EINVAL)
  },
  Check(
    "panfrost.mmap_bo.bad_handle", "MMAP_BO of a handle that never was is ENOENT.",
    .driver("panfrost")
  ) { probe in
    try probe.expect(offset(4711, in: probe), .ENOENT)
  },
  Check(
    "panfrost.mmap_bo.stable",
    "The fake offset is a whole number of pages past 4 GiB and the same at every call.",
    .driver("panfrost")
  ) { probe in
    try expectStableFakeOffset(in: probe)
  },
  Check(
    "panfrost.get_bo_offset.pad_ignored",
    "GET_BO_OFFSET does not look at pad, and gives the address CREATE_BO gave.",
    .driver("panfrost")
  ) { probe in
    var created = cdrm_panfrost_create_bo()
    created.size = 4096
    try probe.expect(probe.ioctl(cdrm_request_panfrost_create_bo, &created), .success)
    var argument = cdrm_panfrost_get_bo_offset(handle: created.handle, pad: 1, offset: 0)
    try probe.expect(probe.ioctl(cdrm_request_panfrost_get_bo_offset, &argument), .success)
    try probe.expectEqual("same", argument.offset == created.offset, true)
  },
  Check(
    "panfrost.get_bo_offset.bad_handle", "GET_BO_OFFSET of a handle that never was is ENOENT.",
    .driver("panfrost")
  ) { probe in
    var argument = cdrm_panfrost_get_bo_offset(handle: 4711, pad: 0, offset: 0)
    try probe.expect(probe.ioctl(cdrm_request_panfrost_get_bo_offset, &argument), .ENOENT)
  },
  Check("panfrost.wait_bo.idle", "Waiting for an idle BO succeeds at once.", .driver("panfrost")) {
    probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    try probe.expect(.success) { () throws(DRMError) in try buffer.wait(until: .now) }
  },
  Check("panfrost.wait_bo.pad", "WAIT_BO with a nonzero pad is EINVAL.", .driver("panfrost")) {
    probe in
    var argument = cdrm_panfrost_wait_bo(handle: 4711, pad: 1, timeout_ns: 0)
    try probe.expect(probe.ioctl(cdrm_request_panfrost_wait_bo, &argument), .EINVAL)
  },
  Check(
    "panfrost.wait_bo.bad_handle", "WAIT_BO of a handle that never was is ENOENT.",
    .driver("panfrost")
  ) { probe in
    var argument = cdrm_panfrost_wait_bo(handle: 4711, pad: 0, timeout_ns: 0)
    try probe.expect(probe.ioctl(cdrm_request_panfrost_wait_bo, &argument), .ENOENT)
  },
  Check(
    "panfrost.madvise.will_need", "A BO that was never purged is retained.", .driver("panfrost")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    try probe.expectEqual("retained", try buffer.advise(.dontNeed), true)
    try probe.expectEqual("retained again", try buffer.advise(.willNeed), true)
  },
  Check(
    "panfrost.madvise.shared", "A BO that two files use must not be purged: EINVAL.",
    .driver("panfrost")
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let other = try probe.openAgain()
    let imported = try other.importUnprepared(from: buffer.export())
    try probe.expect(.EINVAL) { () throws(DRMError) in _ = try imported.advise(.dontNeed) }
    try probe.expectEqual("still needed", try imported.advise(.willNeed), true)
  },
  Check(
    "panfrost.madvise.bad_handle", "MADVISE of a handle that never was is ENOENT.",
    .driver("panfrost")
  ) { probe in
    var argument = cdrm_panfrost_madvise(handle: 4711, madv: 0, retained: 0)
    try probe.expect(probe.ioctl(cdrm_request_panfrost_madvise, &argument), .ENOENT)
  },
  Check(
    "panfrost.query_bo.not_executable",
    "QUERY_BO_INFO gives NOEXEC back; on a coherent device every BO says WB_MMAP too.",
    .driver("panfrost"), .feature(.bufferQuery)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, options: [.noExecute])
    let isCoherent = probe.node.coherency.isCoherent == true
    try probe.expectEqual(
      "create, extra, pad", try query(buffer.handle.rawValue, in: probe),
      [isCoherent ? 5 : 1, 0, 0])
  },
  Check(
    "panfrost.query_bo.heap",
    "QUERY_BO_INFO of a heap BO says WB_MMAP on a coherent device, which CREATE_BO refuses.",
    .driver("panfrost"), .feature(.bufferQuery)
  ) { probe in
    let buffer = try probe.node.createBuffer(
      size: 65536, mapping: .none, options: [.heap, .noExecute])
    let isCoherent = probe.node.coherency.isCoherent == true
    try probe.expectEqual(
      "create, extra, pad", try query(buffer.handle.rawValue, in: probe),
      [isCoherent ? 7 : 3, 0, 0])
  },
  Check(
    "panfrost.query_bo.wb_mmap", "QUERY_BO_INFO of a WB_MMAP BO says so on any device.",
    .driver("panfrost"), .feature(.bufferQuery)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096, mapping: .writeBack)
    try probe.expectEqual(
      "create, extra, pad", try query(buffer.handle.rawValue, in: probe), [4, 0, 0])
  },
  Check(
    "panfrost.query_bo.bad_handle", "QUERY_BO_INFO of handle 0 or one that never was is ENOENT.",
    .driver("panfrost"), .feature(.bufferQuery)
  ) { probe in
    for handle: UInt32 in [0, 4711] {
      var argument = cdrm_panfrost_query_bo_info(
        handle: handle, extra_flags: 0, create_flags: 0, pad: 0)
      try probe.expect(probe.ioctl(cdrm_request_panfrost_query_bo_info, &argument), .ENOENT)
    }
  },
  Check(
    "panfrost.prime.export_heap", "A heap BO can be exported.", .driver("panfrost"),
    .feature(.heapBuffers)
  ) { probe in
    let buffer = try probe.node.createBuffer(
      size: 65536, mapping: .none, options: [.heap, .noExecute])
    try probe.expect(.success) { () throws(DRMError) in _ = try buffer.export() }
  },
  Check(
    "panfrost.prime.import_heap",
    "Another device cannot import a heap BO, whose pages cannot be pinned: EINVAL.",
    .driver("panfrost"), .feature(.heapBuffers), .otherDevice
  ) { probe in
    let buffer = try probe.node.createBuffer(
      size: 65536, mapping: .none, options: [.heap, .noExecute])
    let dmaBuf = try buffer.export()
    let other = try probe.openOther()
    var argument = cdrm_prime_handle(handle: 0, flags: 0, fd: dmaBuf.descriptor)
    try probe.expect(
      probe.ioctl(cdrm_request_prime_fd_to_handle, &argument, on: other.descriptor), .EINVAL)
  },
]

private func offset(_ handle: UInt32, flags: UInt32 = 0, in probe: Probe) -> CInt {
  var argument = cdrm_panfrost_mmap_bo(handle: handle, flags: flags, offset: 0)
  return probe.ioctl(cdrm_request_panfrost_mmap_bo, &argument)
}

/// Queries with garbage in the outputs; answers creation flags, extra flags and pad.
private func query(_ handle: UInt32, in probe: Probe) throws -> [UInt32] {
  var argument = cdrm_panfrost_query_bo_info(
    handle: handle, extra_flags: 0xdead, create_flags: 0xbeef, pad: 0xffff)
  try probe.expect(probe.ioctl(cdrm_request_panfrost_query_bo_info, &argument), .success)
  return [argument.create_flags, argument.extra_flags, argument.pad]
}
