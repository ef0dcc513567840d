// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRM
internal import DRMKernel

/// The ioctls and the size of a dma-buf that a Mali exported: `dma-buf.c`.
let dmaBufChecks: [Check] = [
  Check(
    "dma_buf.sync.no_direction", "SYNC for neither reading nor writing is EINVAL.",
    .feature(.buffers)
  ) { probe in
    let dmaBuf = try exported(in: probe)
    try probe.expect(sync(dmaBuf, 0, in: probe), .EINVAL)
    try probe.expect(sync(dmaBuf, 4, in: probe), .EINVAL)
  },
  Check("dma_buf.sync.unknown_flag", "SYNC with an unknown flag is EINVAL.", .feature(.buffers)) {
    probe in
    let dmaBuf = try exported(in: probe)
    try probe.expect(sync(dmaBuf, 8, in: probe), .EINVAL)
    try probe.expect(sync(dmaBuf, 0x103, in: probe), .EINVAL)
  },
  Check(
    "dma_buf.sync.bracket", "An access for reading, writing or both is begun and ended.",
    .feature(.buffers)
  ) { probe in
    let dmaBuf = try exported(in: probe)
    for access in [CPUAccess.read, .write, .readWrite] {
      try probe.expect(.success) { () throws(DRMError) in try dmaBuf.startAccess(access) }
      try probe.expect(.success) { () throws(DRMError) in try dmaBuf.endAccess(access) }
    }
  },
  Check(
    "dma_buf.sync.end_alone", "The drivers do not track begins: an END alone succeeds.",
    .feature(.buffers)
  ) { probe in
    try probe.expect(sync(try exported(in: probe), 7, in: probe), .success)
  },
  Check(
    "dma_buf.sync.bad_argument", "SYNC with flags that are not mapped is EFAULT.",
    .feature(.buffers)
  ) { probe in
    let dmaBuf = try exported(in: probe)
    let answer = unsafe probe.kernel.ioctl(
      dmaBuf.descriptor, cdrm_request_dma_buf_sync,
      UnsafeMutableRawPointer(bitPattern: unmappedAddress))
    try probe.expect(answer, .EFAULT)
  },
  Check("dma_buf.ioctl.unknown", "An unknown ioctl is ENOTTY.", .feature(.buffers)) { probe in
    let dmaBuf = try exported(in: probe)
    var argument: UInt64 = 0
    let request = IoctlRequest(rawValue: UInt(UInt8(ascii: "b")) << 8 | 0x77)
      .resized(to: 8).directed(in: true, out: true)
    try probe.expect(
      probe.ioctl(request.rawValue, &argument, on: dmaBuf.descriptor), .errno(.ENOTTY))
  },
  Check("dma_buf.name.longest", "A name has at most 31 bytes.", .feature(.buffers)) { probe in
    let dmaBuf = try exported(in: probe)
    try probe.expect(.success) { () throws(DRMError) in
      try dmaBuf.setName(String(repeating: "x", count: 31))
    }
  },
  Check("dma_buf.name.too_long", "A name of 32 bytes is EINVAL.", .feature(.buffers)) { probe in
    let dmaBuf = try exported(in: probe)
    try probe.expect(.EINVAL) { () throws(DRMError) in
      try dmaBuf.setName(String(repeating: "x", count: 32))
    }
  },
  Check(
    "dma_buf.sync_file.export_idle", "An idle buffer gives a sync file that is signaled.",
    .feature(.buffers)
  ) { probe in
    let dmaBuf = try exported(in: probe)
    let file = try dmaBuf.exportSyncFile(.read)
    let readable: Int16 = 1
    let events = probe.kernel.poll(file.descriptor, events: readable, milliseconds: 0)
    try probe.expectEqual("events", events, CInt(readable))
  },
  Check(
    "dma_buf.sync_file.export_flags", "EXPORT_SYNC_FILE without a direction is EINVAL.",
    .feature(.buffers)
  ) { probe in
    let dmaBuf = try exported(in: probe)
    for flags: UInt32 in [0, 4, 8] {
      var argument = cdrm_dma_buf_export_sync_file(flags: flags, fd: -1)
      try probe.expect(
        probe.ioctl(
          cdrm_request_dma_buf_export_sync_file, &argument, on: dmaBuf.descriptor), .EINVAL)
    }
  },
  Check(
    "dma_buf.sync_file.import", "A sync file can be put in.", .feature(.buffers)
  ) { probe in
    let dmaBuf = try exported(in: probe)
    let file = try dmaBuf.exportSyncFile(.readWrite)
    try probe.expect(.success) { () throws(DRMError) in
      try dmaBuf.importSyncFile(file, .write)
    }
  },
  Check(
    "dma_buf.sync_file.import_no_sync_file", "A descriptor that is no sync file is EINVAL.",
    .feature(.buffers)
  ) { probe in
    let dmaBuf = try exported(in: probe)
    var argument = cdrm_dma_buf_import_sync_file(flags: 2, fd: dmaBuf.descriptor)
    try probe.expect(
      probe.ioctl(
        cdrm_request_dma_buf_import_sync_file, &argument, on: dmaBuf.descriptor), .EINVAL)
  },
  Check(
    "dma_buf.lseek", "A dma-buf's offset goes to its end and its start, and nowhere else.",
    .feature(.buffers)
  ) { probe in
    let dmaBuf = try exported(in: probe)
    let size = Int64(2 * probe.pageSize)
    func seek(_ offset: Int64, _ whence: CInt) -> Int64 {
      probe.kernel.lseek(dmaBuf.descriptor, offset: offset, whence: whence)
    }
    try probe.expectEqual("end", seek(0, 2), size)
    try probe.expectEqual("start", seek(0, 0), 0)
    try probe.expect(seek(1, 0), .EINVAL)
    try probe.expect(seek(0, 1), .EINVAL)
  },
  Check(
    "dma_buf.mmap.past_end", "A mapping past the end of a dma-buf is EINVAL.",
    .feature(.buffers)
  ) { probe in
    let dmaBuf = try exported(in: probe)
    try probe.expect(
      probe.mmap(length: 3 * probe.pageSize, dmaBuf.descriptor, offset: 0), .EINVAL)
    try probe.expect(
      probe.mmap(
        length: probe.pageSize, dmaBuf.descriptor, offset: 2 * probe.pageSize), .EINVAL)
  },
  Check("dma_buf.mmap.same_bytes", "A dma-buf maps the bytes of its BO.", .feature(.buffers)) {
    probe in
    let buffer = try probe.node.createBuffer(size: 4096)
    var mapping = try buffer.export().map()
    try mapping.store(0x7e57_ab1e as UInt32, at: 8)
    try probe.expectEqual("word", try buffer.map(.read).load(UInt32.self, at: 8), 0x7e57_ab1e)
  },
]

/// A dma-buf of two pages.
private func exported(in probe: Probe) throws -> DMABuf {
  try probe.node.createBuffer(size: 2 * probe.pageSize).export()
}

private func sync(_ dmaBuf: borrowing DMABuf, _ flags: UInt64, in probe: Probe) -> CInt {
  var argument = cdrm_dma_buf_sync(flags: flags)
  return probe.ioctl(cdrm_request_dma_buf_sync, &argument, on: dmaBuf.descriptor)
}
