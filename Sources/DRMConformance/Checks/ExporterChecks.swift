// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRM
internal import DRMKernel

/// Exporters without a GPU: the system heap and udmabuf; `dma-heap.c`, `udmabuf.c`.
let exporterChecks: [Check] = heapChecks + udmabufChecks

private let heapChecks: [Check] = [
  Check(
    "heap.alloc.arguments",
    "DMA_HEAP_ALLOC with an invalid len, fd_flags or heap_flags, or a nonzero fd, fails with EINVAL.",
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
      try probe.call(cdrm_request_dma_heap_alloc, argument, .EINVAL, on: heap)
    }
  },
  Check(
    "heap.alloc.rounds_up", "A dma-buf of a heap has whole pages and contains zeroes.", .systemHeap
  ) { probe in
    let dmaBuf = try DMAHeap(kernel: probe.kernel).allocate(size: 1)
    try probe.expectEqual("pages", try dmaBuf.size() / probe.pageSize, 1)
    try probe.expectEqual("first word", try dmaBuf.map(.read).load(UInt64.self, at: 0), 0)
  },
  Check(
    "heap.alloc.mode", "The access mode in fd_flags limits the mappings of a heap's dma-buf.",
    .systemHeap
  ) { probe in
    let heap = try probe.open(flags: AccessMode.readWrite, path: DMAHeap.systemPath)
    let closeOnExec: UInt32 = 0x80000
    for (mode, reading, writing) in [
      (0, .success, .EACCES), (1, .EACCES, .EACCES), (2, .success, .success),
      (3, .EACCES, .EACCES),
    ] as [(UInt32, Outcome, Outcome)] {
      let argument = try probe.call(
        cdrm_request_dma_heap_alloc,
        cdrm_dma_heap_allocation_data(
          len: 4096, fd: 0, fd_flags: mode | closeOnExec, heap_flags: 0), on: heap)
      let dmaBuf = DMABuf(descriptor: CInt(bitPattern: argument.fd), kernel: probe.kernel)
      try probe.expect(
        probe.mmap(
          length: 4096, protection: Protection.read, dmaBuf.descriptor, offset: 0), reading)
      try probe.expect(probe.mmap(length: 4096, dmaBuf.descriptor, offset: 0), writing)
    }
  },
  Check(
    "heap.ioctl.number",
    "A heap identifies DMA_HEAP_ALLOC by its number alone and ignores the type.",
    .systemHeap
  ) { probe in
    let heap = try probe.open(flags: AccessMode.readWrite, path: DMAHeap.systemPath)
    var argument = cdrm_dma_heap_allocation_data(len: 4096, fd: 0, fd_flags: 2, heap_flags: 0)
    let foreign = cdrm_request_dma_heap_alloc & ~0xff00 | UInt(UInt8(ascii: "x")) << 8
    try probe.expect(probe.ioctl(foreign, &argument, on: heap), .success)
    _ = probe.kernel.close(CInt(bitPattern: argument.fd))
    argument.fd = 0
    try probe.call(cdrm_request_dma_heap_alloc | 1, argument, .EINVAL, on: heap)
  },
  Check(
    "heap.ioctl.short", "Missing bytes of a short DMA_HEAP_ALLOC argument are zero.", .systemHeap
  ) { probe in
    let heap = try probe.open(flags: AccessMode.readWrite, path: DMAHeap.systemPath)
    let request = IoctlRequest(rawValue: cdrm_request_dma_heap_alloc).resized(to: 16)
    var argument = cdrm_dma_heap_allocation_data(len: 4096, fd: 0, fd_flags: 2, heap_flags: 1)
    try probe.expect(probe.ioctl(request.rawValue, &argument, on: heap), .success)
    _ = probe.kernel.close(CInt(bitPattern: argument.fd))
  },
  Check(
    "heap.sync.bracket", "START and END on a heap's dma-buf succeed in any order.", .systemHeap
  ) { probe in
    let dmaBuf = try DMAHeap(kernel: probe.kernel).allocate(size: 4096)
    for access in [CPUAccess.write, .read, .readWrite] {
      try probe.expect(.success) { () throws(DRMError) in try dmaBuf.endAccess(access) }
      try probe.expect(.success) { () throws(DRMError) in try dmaBuf.startAccess(access) }
    }
  },
  Check(
    "heap.mmap.private_copy", "A MAP_PRIVATE mapping of a heap's dma-buf succeeds.", .systemHeap
  ) {
    probe in
    let dmaBuf = try DMAHeap(kernel: probe.kernel).allocate(size: 4096)
    try probe.expect(
      probe.mmap(
        length: 4096, flags: MapFlags.privateCopy, dmaBuf.descriptor, offset: 0), .success)
  },
]

private let udmabufChecks: [Check] = [
  Check(
    "udmabuf.create.seals",
    "UDMABUF_CREATE needs a memfd with F_SEAL_SHRINK and without a write seal, else EINVAL.",
    .udmabuf
  ) { probe in
    try probe.expect(createUDMABuf(in: probe, seals: 0), .EINVAL)
    for denied in [CDRM_SEAL_WRITE, CDRM_SEAL_FUTURE_WRITE] {
      try probe.expect(createUDMABuf(in: probe, seals: CDRM_SEAL_SHRINK | denied), .EINVAL)
    }
  },
  Check(
    "udmabuf.create.no_memory_file",
    "UDMABUF_CREATE of a descriptor that is not a memfd fails with EBADFD.", .udmabuf
  ) { probe in
    let device = try probe.open(flags: AccessMode.readWrite, path: UDMABufDevice.path)
    for file in [device, -1] {
      let argument = cdrm_udmabuf_create(
        memfd: UInt32(bitPattern: file), flags: 0, offset: 0, size: probe.pageSize)
      try probe.call(cdrm_request_udmabuf_create, argument, .errno(.EBADFD), on: device)
    }
  },
  Check(
    "udmabuf.create.range",
    "UDMABUF_CREATE of anything but whole pages within the memfd fails with EINVAL.", .udmabuf
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
    "udmabuf.create.unknown_flag", "UDMABUF_CREATE ignores unknown flags.", .udmabuf
  ) { probe in
    let answer = try createUDMABuf(in: probe, seals: CDRM_SEAL_SHRINK, flags: 0xffff_fffe)
    try probe.expect(answer, .success)
    _ = probe.kernel.close(answer)
  },
  Check(
    "udmabuf.create.bad_argument",
    "UDMABUF_CREATE with an argument in unmapped memory fails with EFAULT.", .udmabuf
  ) {
    probe in
    let device = try probe.open(flags: AccessMode.readWrite, path: UDMABufDevice.path)
    try probe.expect(
      probe.ioctl(cdrm_request_udmabuf_create, argumentAt: unmappedAddress, on: device), .EFAULT)
  },
  Check("udmabuf.ioctl.unknown", "An unknown ioctl on /dev/udmabuf fails with ENOTTY.", .udmabuf) {
    probe in
    let device = try probe.open(flags: AccessMode.readWrite, path: UDMABufDevice.path)
    for request in [
      cdrm_request_udmabuf_create + 5,
      IoctlRequest(rawValue: cdrm_request_udmabuf_create).resized(to: 16).rawValue,
    ] {
      try probe.call(request, cdrm_udmabuf_create(), .errno(.ENOTTY), on: device)
    }
  },
  Check(
    "udmabuf.sync.end_alone",
    "END on a udmabuf fails with EINVAL before its first START, and succeeds after it.", .udmabuf
  ) { probe in
    let dmaBuf = try udmabuf(in: probe)
    try probe.expect(.EINVAL) { () throws(DRMError) in try dmaBuf.endAccess(.readWrite) }
    try probe.expect(.success) { () throws(DRMError) in try dmaBuf.startAccess(.read) }
    for access in [CPUAccess.read, .write] {
      try probe.expect(.success) { () throws(DRMError) in try dmaBuf.endAccess(access) }
    }
  },
  Check(
    "udmabuf.mmap.private_copy", "A MAP_PRIVATE mapping of a udmabuf fails with EINVAL.", .udmabuf
  ) {
    probe in
    let dmaBuf = try udmabuf(in: probe)
    try probe.expect(
      probe.mmap(
        length: 4096, flags: MapFlags.privateCopy, dmaBuf.descriptor, offset: 0), .EINVAL)
  },
  Check("udmabuf.mmap.size", "A udmabuf has the size of its range of the memfd.", .udmabuf) {
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

/// Creates a udmabuf of two pages.
func udmabuf(in probe: Probe) throws -> DMABuf {
  try UDMABufDevice(kernel: probe.kernel)
    .makeDMABuf(of: MemoryFile(size: 2 * probe.pageSize), 0..<2 * probe.pageSize)
}

/// Performs UDMABUF_CREATE on a memfd of four pages with these seals, and returns the result.
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
