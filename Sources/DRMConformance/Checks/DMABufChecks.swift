// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMDrivers
internal import DRMKernel

/// The operations of a dma-buf that a DRM driver exported: `dma-buf.c`.
let dmaBufChecks: [Check] = [
  sync("no_direction", "SYNC with neither READ nor WRITE fails with EINVAL.", [0, 4], .EINVAL),
  sync("unknown_flag", "SYNC with an unknown flag fails with EINVAL.", [8, 0x103], .EINVAL),
  exported(
    "sync.bracket", "START and END of a CPU access succeed for READ, WRITE and both."
  ) { probe, dmaBuf in
    for access in [CPUAccess.read, .write, .readWrite] {
      try probe.expect(.success) { () throws(DRMError) in try dmaBuf.startAccess(access) }
      try probe.expect(.success) { () throws(DRMError) in try dmaBuf.endAccess(access) }
    }
  },
  sync(
    "end_alone", "END without a START succeeds: the drivers do not track STARTs.", [7], .success),
  exported(
    "sync.bad_argument", "SYNC with an argument in unmapped memory fails with EFAULT."
  ) { probe, dmaBuf in
    let answer = probe.ioctl(
      cdrm_request_dma_buf_sync, argumentAt: unmappedAddress, on: dmaBuf.descriptor)
    try probe.expect(answer, .EFAULT)
  },
  exported("ioctl.unknown", "An unknown ioctl on a dma-buf fails with ENOTTY.") { probe, dmaBuf in
    let request = IoctlRequest(rawValue: UInt(UInt8(ascii: "b")) << 8 | 0x77)
      .resized(to: 8).directed(in: true, out: true)
    try probe.call(request.rawValue, 0 as UInt64, .errno(.ENOTTY), on: dmaBuf.descriptor)
  },
  name("longest", "The name of a dma-buf has up to 31 bytes.", length: 31, .success),
  name("too_long", "A name of 32 bytes fails with EINVAL.", length: 32, .EINVAL),
  exported(
    "sync_file.export_idle", "EXPORT_SYNC_FILE of an idle BO returns a signaled sync file."
  ) { probe, dmaBuf in
    let file = try dmaBuf.exportSyncFile(.read)
    let readable: Int16 = 1
    let events = probe.kernel.poll(file.descriptor, events: readable, milliseconds: 0)
    try probe.expectEqual("events", events, CInt(readable))
  },
  exported(
    "sync_file.export_flags",
    "EXPORT_SYNC_FILE with neither READ nor WRITE, or an unknown flag, fails with EINVAL."
  ) { probe, dmaBuf in
    for flags: UInt32 in [0, 4, 8] {
      try probe.call(
        cdrm_request_dma_buf_export_sync_file,
        cdrm_dma_buf_export_sync_file(flags: flags, fd: -1), .EINVAL, on: dmaBuf.descriptor)
    }
  },
  exported("sync_file.import", "IMPORT_SYNC_FILE of a sync file succeeds.") { probe, dmaBuf in
    let file = try dmaBuf.exportSyncFile(.readWrite)
    try probe.expect(.success) { () throws(DRMError) in
      try dmaBuf.importSyncFile(file, .write)
    }
  },
  exported(
    "sync_file.import_no_sync_file",
    "IMPORT_SYNC_FILE of a descriptor that is not a sync file fails with EINVAL."
  ) { probe, dmaBuf in
    try probe.call(
      cdrm_request_dma_buf_import_sync_file,
      cdrm_dma_buf_import_sync_file(flags: 2, fd: dmaBuf.descriptor), .EINVAL,
      on: dmaBuf.descriptor)
  },
  exported(
    "lseek", "lseek on a dma-buf accepts offset 0 with SEEK_END and SEEK_SET, and nothing else."
  ) { probe, dmaBuf in
    let size = Int64(2 * probe.pageSize)
    let descriptor = dmaBuf.descriptor
    func seek(_ offset: Int64, _ whence: CInt) -> Int64 {
      probe.kernel.lseek(descriptor, offset: offset, whence: whence)
    }
    try probe.expectEqual("end", seek(0, 2), size)
    try probe.expectEqual("start", seek(0, 0), 0)
    try probe.expect(seek(1, 0), .EINVAL)
    try probe.expect(seek(0, 1), .EINVAL)
  },
  exported(
    "mmap.past_end", "Mapping past the end of a dma-buf fails with EINVAL."
  ) { probe, dmaBuf in
    let page = probe.pageSize
    try probe.expect(probe.mmap(length: 3 * page, dmaBuf.descriptor, offset: 0), .EINVAL)
    try probe.expect(probe.mmap(length: page, dmaBuf.descriptor, offset: 2 * page), .EINVAL)
  },
  Check(
    "dma_buf.mmap.same_bytes", "A mapping of a dma-buf shows the bytes of its BO.",
    .feature(.buffers)
  ) { probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    var mapping = try buffer.export().map()
    try mapping.store(0x7e57_ab1e as UInt32, at: 8)
    try probe.expectEqual("word", try buffer.map(.read).load(UInt32.self, at: 8), 0x7e57_ab1e)
  },
]

/// A check of a dma-buf of two pages.
private func exported(
  _ name: String, _ statement: String,
  body: @escaping @Sendable (Probe, borrowing DMABuf) throws -> Void
) -> Check {
  Check("dma_buf.\(name)", statement, .feature(.buffers)) { probe in
    try body(probe, try probe.node.createBuffer(size: 2 * probe.pageSize).export())
  }
}

private func sync(
  _ name: String, _ statement: String, _ flags: [UInt64], _ outcome: Outcome
) -> Check {
  exported("sync.\(name)", statement) { probe, dmaBuf in
    for flags in flags {
      try probe.call(
        cdrm_request_dma_buf_sync, cdrm_dma_buf_sync(flags: flags), outcome, on: dmaBuf.descriptor)
    }
  }
}

private func name(
  _ name: String, _ statement: String, length: Int, _ outcome: Outcome
) -> Check {
  exported("name.\(name)", statement) { probe, dmaBuf in
    try probe.expect(outcome) { () throws(DRMError) in
      try dmaBuf.setName(String(repeating: "x", count: length))
    }
  }
}
