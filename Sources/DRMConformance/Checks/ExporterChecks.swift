// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// Exporters that are no GPU: the system heap and udmabuf; `dma-heap.c`, `udmabuf.c`.
let exporterChecks: [Check] = [
  Check(
    "heap.alloc.arguments", "A heap takes a length, a mode and close-on-exec, and nothing else.",
    .systemHeap
  ) { probe in
    let heap = try probe.open(flags: AccessMode.readWrite, path: DMAHeap.systemPath)
    let append: UInt32 = 0x400
    for argument in [
      cdrm_dma_heap_allocation_data(len: 4096, fd: 1, fd_flags: 2, heap_flags: 0),
      cdrm_dma_heap_allocation_data(len: 0, fd: 0, fd_flags: 2, heap_flags: 0),
      cdrm_dma_heap_allocation_data(len: .max, fd: 0, fd_flags: 2, heap_flags: 0),
      cdrm_dma_heap_allocation_data(len: 4096, fd: 0, fd_flags: 2, heap_flags: 1),
      cdrm_dma_heap_allocation_data(len: 4096, fd: 0, fd_flags: 2 | append, heap_flags: 0),
    ] {
      var argument = argument
      try probe.expect(
        probe.ioctl(cdrm_request_dma_heap_alloc, &argument, on: heap), .EINVAL)
    }
  },
  Check(
    "heap.alloc.rounds_up", "A heap's dma-buf has whole pages, zeroed.", .systemHeap
  ) { probe in
    let dmaBuf = try DMAHeap(kernel: probe.kernel).allocate(size: 1)
    try probe.expectEqual("pages", try dmaBuf.size() / probe.pageSize, 1)
    try probe.expectEqual("first word", try dmaBuf.map(.read).load(UInt64.self, at: 0), 0)
  },
  Check(
    "heap.alloc.mode", "A heap's dma-buf is mapped as its mode allows.", .systemHeap
  ) { probe in
    let heap = try probe.open(flags: AccessMode.readWrite, path: DMAHeap.systemPath)
    let closeOnExec: UInt32 = 0x80000
    for (mode, reading, writing) in [
      (0, .success, .EACCES), (1, .EACCES, .EACCES), (2, .success, .success),
      (3, .EACCES, .EACCES),
    ] as [(UInt32, Outcome, Outcome)] {
      var argument = cdrm_dma_heap_allocation_data(
        len: 4096, fd: 0, fd_flags: mode | closeOnExec, heap_flags: 0)
      try probe.expect(
        probe.ioctl(cdrm_request_dma_heap_alloc, &argument, on: heap), .success)
      let dmaBuf = DMABuf(descriptor: CInt(bitPattern: argument.fd), kernel: probe.kernel)
      try probe.expect(
        probe.mmap(
          length: 4096, protection: Protection.read, dmaBuf.descriptor, offset: 0), reading)
      try probe.expect(probe.mmap(length: 4096, dmaBuf.descriptor, offset: 0), writing)
    }
  },
  Check(
    "heap.ioctl.number", "A heap knows its ioctl by the number alone, whatever the type.",
    .systemHeap
  ) { probe in
    let heap = try probe.open(flags: AccessMode.readWrite, path: DMAHeap.systemPath)
    var argument = cdrm_dma_heap_allocation_data(len: 4096, fd: 0, fd_flags: 2, heap_flags: 0)
    let foreign = cdrm_request_dma_heap_alloc & ~0xff00 | UInt(UInt8(ascii: "x")) << 8
    try probe.expect(probe.ioctl(foreign, &argument, on: heap), .success)
    _ = probe.kernel.close(CInt(bitPattern: argument.fd))
    argument.fd = 0
    try probe.expect(
      probe.ioctl(cdrm_request_dma_heap_alloc | 1, &argument, on: heap), .EINVAL)
  },
  Check(
    "heap.ioctl.short", "What a shorter request leaves out reads as zero.", .systemHeap
  ) { probe in
    let heap = try probe.open(flags: AccessMode.readWrite, path: DMAHeap.systemPath)
    let request = IoctlRequest(rawValue: cdrm_request_dma_heap_alloc).resized(to: 16)
    var argument = cdrm_dma_heap_allocation_data(len: 4096, fd: 0, fd_flags: 2, heap_flags: 1)
    try probe.expect(probe.ioctl(request.rawValue, &argument, on: heap), .success)
    _ = probe.kernel.close(CInt(bitPattern: argument.fd))
  },
  Check(
    "heap.sync.bracket", "Accesses to a heap's dma-buf begin and end in any order.", .systemHeap
  ) { probe in
    let dmaBuf = try DMAHeap(kernel: probe.kernel).allocate(size: 4096)
    for access in [CPUAccess.write, .read, .readWrite] {
      try probe.expect(.success) { () throws(DRMError) in try dmaBuf.endAccess(access) }
      try probe.expect(.success) { () throws(DRMError) in try dmaBuf.startAccess(access) }
    }
  },
  Check("heap.mmap.private_copy", "A heap's dma-buf can be mapped privately.", .systemHeap) {
    probe in
    let dmaBuf = try DMAHeap(kernel: probe.kernel).allocate(size: 4096)
    try probe.expect(
      probe.mmap(
        length: 4096, flags: MapFlags.privateCopy, dmaBuf.descriptor, offset: 0), .success)
  },
  Check(
    "udmabuf.create.seals",
    "A udmabuf's file must be sealed against shrinking, and not against writing.", .udmabuf
  ) { probe in
    try probe.expect(createUDMABuf(in: probe, seals: 0), .EINVAL)
    for denied in [CDRM_SEAL_WRITE, CDRM_SEAL_FUTURE_WRITE] {
      try probe.expect(createUDMABuf(in: probe, seals: CDRM_SEAL_SHRINK | denied), .EINVAL)
    }
  },
  Check(
    "udmabuf.create.no_memory_file", "What is no memory file is EBADFD.", .udmabuf
  ) { probe in
    let device = try probe.open(flags: AccessMode.readWrite, path: UDMABufDevice.path)
    for file in [device, -1] {
      var argument = cdrm_udmabuf_create(
        memfd: UInt32(bitPattern: file), flags: 0, offset: 0, size: probe.pageSize)
      try probe.expect(
        probe.ioctl(cdrm_request_udmabuf_create, &argument, on: device), .errno(.EBADFD))
    }
  },
  Check(
    "udmabuf.create.range", "A udmabuf takes whole pages within its file.", .udmabuf
  ) { probe in
    let page = probe.pageSize
    for (offset, size) in [
      (0, 0), (1, page), (0, page + 1), (page, 4 * page), (4 * page, page), (0, 65 << 20),
    ] {
      try probe.expect(
        createUDMABuf(in: probe, seals: CDRM_SEAL_SHRINK, offset: offset, size: size), .EINVAL)
    }
  },
  Check(
    "udmabuf.create.unknown_flag", "Flags that nobody knows are not looked at.", .udmabuf
  ) { probe in
    let answer = try createUDMABuf(in: probe, seals: CDRM_SEAL_SHRINK, flags: 0xffff_fffe)
    try probe.expect(answer, .success)
    _ = probe.kernel.close(answer)
  },
  Check("udmabuf.create.bad_argument", "An argument that is not mapped is EFAULT.", .udmabuf) {
    probe in
    let device = try probe.open(flags: AccessMode.readWrite, path: UDMABufDevice.path)
    let answer = unsafe probe.kernel.ioctl(
      device, cdrm_request_udmabuf_create,
      UnsafeMutableRawPointer(bitPattern: unmappedAddress))
    try probe.expect(answer, .EFAULT)
  },
  Check("udmabuf.ioctl.unknown", "An unknown ioctl is ENOTTY.", .udmabuf) { probe in
    let device = try probe.open(flags: AccessMode.readWrite, path: UDMABufDevice.path)
    var argument = cdrm_udmabuf_create()
    for request in [
      cdrm_request_udmabuf_create + 5,
      IoctlRequest(rawValue: cdrm_request_udmabuf_create).resized(to: 16).rawValue,
    ] {
      try probe.expect(probe.ioctl(request, &argument, on: device), .errno(.ENOTTY))
    }
  },
  Check(
    "udmabuf.sync.end_alone", "An END before any START is EINVAL, and none after it.", .udmabuf
  ) { probe in
    let dmaBuf = try udmabuf(in: probe)
    try probe.expect(.EINVAL) { () throws(DRMError) in try dmaBuf.endAccess(.readWrite) }
    try probe.expect(.success) { () throws(DRMError) in try dmaBuf.startAccess(.read) }
    for access in [CPUAccess.read, .write] {
      try probe.expect(.success) { () throws(DRMError) in try dmaBuf.endAccess(access) }
    }
  },
  Check("udmabuf.mmap.private_copy", "A private mapping of a udmabuf is EINVAL.", .udmabuf) {
    probe in
    let dmaBuf = try udmabuf(in: probe)
    try probe.expect(
      probe.mmap(
        length: 4096, flags: MapFlags.privateCopy, dmaBuf.descriptor, offset: 0), .EINVAL)
  },
  Check("udmabuf.mmap.size", "A udmabuf is as long as its part of the file.", .udmabuf) {
    probe in
    let file = try MemoryFile(size: 4 * probe.pageSize)
    let dmaBuf = try UDMABufDevice(kernel: probe.kernel)
      .makeDMABuf(of: file, probe.pageSize..<3 * probe.pageSize)
    try probe.expectEqual("pages", try dmaBuf.size() / probe.pageSize, 2)
    try probe.expect(
      probe.mmap(length: 3 * probe.pageSize, dmaBuf.descriptor, offset: 0), .EINVAL)
    try probe.expect(
      probe.mmap(length: probe.pageSize, dmaBuf.descriptor, offset: probe.pageSize), .success)
  },
]

/// A udmabuf of two pages.
func udmabuf(in probe: Probe) throws -> DMABuf {
  try UDMABufDevice(kernel: probe.kernel)
    .makeDMABuf(of: MemoryFile(size: 2 * probe.pageSize), 0..<2 * probe.pageSize)
}

/// Asks for a udmabuf of a file of four pages with seals of the check's choice.
private func createUDMABuf(
  in probe: Probe, seals: Int, flags: UInt32 = 1, offset: UInt64 = 0, size: UInt64? = nil
) throws -> CInt {
  let file = unsafe cdrm_sealed_memory_file("check", 4 * probe.pageSize, CInt(seals))
  guard file >= 0 else { return file }
  defer { _ = cdrm_close(file) }
  let device = try probe.open(flags: AccessMode.readWrite, path: UDMABufDevice.path)
  var argument = cdrm_udmabuf_create(
    memfd: UInt32(bitPattern: file), flags: flags, offset: offset,
    size: size ?? 2 * probe.pageSize)
  return probe.ioctl(cdrm_request_udmabuf_create, &argument, on: device)
}
