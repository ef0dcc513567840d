// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// panfrost's ioctls on BOs, other than CREATE_BO and SYNC_BO.
let panfrostBufferChecks: [Check] = checks(
  of: .panfrost, addresses + waits + advice + queries + exports)

private let addresses: [Check] = [
  .call(
    "panfrost.mmap_bo.flags_first",
    "MMAP_BO with any flag fails with EINVAL, also for an unknown handle.",
    cdrm_request_panfrost_mmap_bo, cdrm_panfrost_mmap_bo(handle: 4711, flags: 1, offset: 0),
    .EINVAL),
  unknownHandle(
    "MMAP_BO", cdrm_request_panfrost_mmap_bo,
    cdrm_panfrost_mmap_bo(handle: 4711, flags: 0, offset: 0)),
  stableFakeOffset("panfrost.mmap_bo.stable"),
  Check(
    "panfrost.get_bo_offset.pad_ignored",
    "GET_BO_OFFSET ignores pad and returns the GPU address that CREATE_BO returned."
  ) { probe in
    var created = cdrm_panfrost_create_bo()
    created.size = 4096
    created = try probe.call(cdrm_request_panfrost_create_bo, created)
    let found = try probe.call(
      cdrm_request_panfrost_get_bo_offset,
      cdrm_panfrost_get_bo_offset(handle: created.handle, pad: 1, offset: 0))
    try probe.expectEqual("same", found.offset == created.offset, true)
  },
  unknownHandle(
    "GET_BO_OFFSET", cdrm_request_panfrost_get_bo_offset,
    cdrm_panfrost_get_bo_offset(handle: 4711, pad: 0, offset: 0)),
]

private let waits: [Check] = [
  Check("panfrost.wait_bo.idle", "WAIT_BO of an idle BO succeeds at once.") { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    try probe.expect(.success) { () throws(DRMError) in try buffer.wait(until: .now) }
  },
  .call(
    "panfrost.wait_bo.pad", "WAIT_BO with a nonzero pad fails with EINVAL.",
    cdrm_request_panfrost_wait_bo, cdrm_panfrost_wait_bo(handle: 4711, pad: 1, timeout_ns: 0),
    .EINVAL),
  unknownHandle(
    "WAIT_BO", cdrm_request_panfrost_wait_bo,
    cdrm_panfrost_wait_bo(handle: 4711, pad: 0, timeout_ns: 0)),
]

private let advice: [Check] = [
  Check(
    "panfrost.madvise.will_need", "MADVISE reports a BO that was not purged as retained."
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    try probe.expectEqual("retained", try buffer.advise(.dontNeed), true)
    try probe.expectEqual("retained again", try buffer.advise(.willNeed), true)
  },
  Check(
    "panfrost.madvise.shared",
    "MADVISE with DONTNEED fails with EINVAL for a BO in two GPU address spaces."
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    let other = try probe.openAgain()
    let imported = try other.importUnprepared(from: buffer.export())
    try probe.expect(.EINVAL) { () throws(DRMError) in _ = try imported.advise(.dontNeed) }
    try probe.expectEqual("still needed", try imported.advise(.willNeed), true)
  },
  unknownHandle(
    "MADVISE", cdrm_request_panfrost_madvise,
    cdrm_panfrost_madvise(handle: 4711, madv: 0, retained: 0)),
]

private let queries: [Check] = [
  query(
    "not_executable",
    "QUERY_BO_INFO returns NOEXEC, and on a coherent device WB_MMAP for every BO.",
    flags: 1, onCoherent: 5
  ) { try $0.node.createBuffer(size: 4096, options: [.noExecute]) },
  query(
    "heap",
    "QUERY_BO_INFO of a heap BO returns HEAP and NOEXEC, and on a coherent device WB_MMAP.",
    flags: 3, onCoherent: 7
  ) { try PanfrostCalls.createHeap(in: $0) },
  query(
    "wb_mmap", "QUERY_BO_INFO of a WB_MMAP BO returns WB_MMAP on every device.",
    flags: 4, onCoherent: 4
  ) { try $0.node.createBuffer(size: 4096, mapping: .writeBack) },
  Check(
    "panfrost.query_bo.bad_handle",
    "QUERY_BO_INFO of handle 0 or an unknown handle fails with ENOENT.", .feature(.bufferQuery)
  ) { probe in
    for handle: UInt32 in [0, 4711] {
      var argument = cdrm_panfrost_query_bo_info()
      argument.handle = handle
      try probe.call(cdrm_request_panfrost_query_bo_info, argument, .ENOENT)
    }
  },
]

private let exports: [Check] = [
  Check(
    "panfrost.prime.export_heap", "A heap BO can be exported.", .feature(.heapBuffers)
  ) { probe in
    let buffer = try PanfrostCalls.createHeap(in: probe)
    try probe.expect(.success) { () throws(DRMError) in _ = try buffer.export() }
  },
  Check(
    "panfrost.prime.import_heap",
    "The import of a heap BO into another device fails with EINVAL: its pages cannot be pinned.",
    .feature(.heapBuffers), .otherDevice
  ) { probe in
    let dmaBuf = try PanfrostCalls.createHeap(in: probe).export()
    let other = try probe.openOther()
    try RawCalls.importHandle(dmaBuf.descriptor, .EINVAL, on: other.descriptor, in: probe)
  },
]

/// A check that an ioctl on an unknown handle fails with ENOENT.
private func unknownHandle<Argument: BitwiseCopyable & Sendable>(
  _ name: String, _ request: UInt, _ argument: Argument
) -> Check {
  .call(
    "panfrost.\(name.lowercased()).bad_handle",
    "\(name) of an unknown handle fails with ENOENT.", request, argument, .ENOENT)
}

/// A check of the creation flags that QUERY_BO_INFO returns, with garbage in its outputs before.
private func query(
  _ name: String, _ statement: String, flags: UInt32, onCoherent: UInt32,
  create: @escaping @Sendable (Probe) throws -> BufferObject
) -> Check {
  Check("panfrost.query_bo.\(name)", statement, .feature(.bufferQuery)) { probe in
    let buffer = try create(probe)
    let argument = try probe.call(
      cdrm_request_panfrost_query_bo_info,
      cdrm_panfrost_query_bo_info(
        handle: buffer.handle.rawValue, extra_flags: 0xdead, create_flags: 0xbeef, pad: 0xffff))
    let isCoherent = probe.node.coherency.isCoherent == true
    try probe.expectEqual(
      "create, extra, pad", [argument.create_flags, argument.extra_flags, argument.pad],
      [isCoherent ? onCoherent : flags, 0, 0])
  }
}
