// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

#if canImport(Glibc)
  internal import Glibc
#endif

/// The arguments of an `mmap` call.
struct MapRequest {
  let length: Int
  let protection: CInt
  let flags: CInt
  let offset: Int64

  var isPrivate: Bool { flags & MapType.mask == MapType.privateCopy }
  var isWritable: Bool { protection & PROT_WRITE != 0 }
}

private enum MapType {
  static let mask: CInt = 0xf
  static let shared: CInt = 1
  static let privateCopy: CInt = 2
  static let sharedValidate: CInt = 3
}

extension MockMachine {
  /// Maps memory, with the checks in the kernel's order: mm, the DRM core, the driver.
  func map(_ request: MapRequest, _ descriptor: CInt) throws(Errno) -> Int {
    // The system call checks the offset before it looks up the descriptor.
    guard request.offset % Int64(pageSize) == 0 else { throw .EINVAL }
    guard let description = descriptors[descriptor] else { throw .EBADF }
    guard request.length != 0 else { throw .EINVAL }
    switch description {
    case .node(let file):
      try checkMode(
        request, isReadable: file.isReadable, isWritable: file.isWritable)
      if let registers = try file.device.driver.registers(request, in: file) {
        return try establish(request, Backing(file: registers), keeping: [file])
      }
      let buffer = try selectBuffer(request, in: file)
      // An imported BO is mapped by its exporter, and vm_file becomes the dma-buf's: dma_buf_mmap.
      var kept: [AnyObject] = [file, buffer]
      if case .imported(let dmaBuf) = buffer.origin {
        try dmaBuf.exporter.allowMapping()
        kept = [dmaBuf]
      }
      return try establish(request, buffer.memory, keeping: kept)
    case .dmaBuf(let dmaBuf):
      try checkMode(request, isReadable: dmaBuf.isReadable, isWritable: dmaBuf.isWritable)
      let length = pageAligned(UInt64(UInt(bitPattern: request.length)))
      let (end, overflow) = UInt64(request.offset).addingReportingOverflow(length)
      guard !overflow else { throw .EOVERFLOW }
      guard end <= dmaBuf.size else { throw .EINVAL }
      guard !request.isPrivate || dmaBuf.exporter.allowsPrivateMapping else { throw .EINVAL }
      try dmaBuf.exporter.allowMapping()
      return try establish(
        request, dmaBuf.exporter.memory, from: request.offset, keeping: [dmaBuf])
    case .syncFile, .heap, .udmabuf: throw .ENODEV
    }
  }

  /// Checks the mode of the file, as mm does before it calls the file's `mmap`: `do_mmap`.
  private func checkMode(
    _ request: MapRequest, isReadable: Bool, isWritable: Bool
  ) throws(Errno) {
    guard request.offset >= 0 else {
      throw .EINVAL
    }
    switch request.flags & MapType.mask {
    case MapType.shared, MapType.sharedValidate:
      guard !request.isWritable || isWritable else { throw .EACCES }
    case MapType.privateCopy: break
    default: throw .EINVAL
    }
    guard isReadable else { throw .EACCES }
  }

  /// Finds the BO at a fake offset and checks the access: `drm_gem_mmap`, the driver's `mmap` hook.
  private func selectBuffer(
    _ request: MapRequest, in file: MockFile
  ) throws(Errno) -> MockBuffer {
    let length = file.device.pageAligned(UInt64(UInt(bitPattern: request.length)))
    guard let buffer = file.device.offsets.buffer(at: UInt64(request.offset)),
      length <= buffer.size
    else { throw .EINVAL }
    guard file.holds(buffer) || file.device.injects(.mapPermission) else { throw .EACCES }
    try file.device.driver.allowMapping(of: buffer)
    // A private mapping would be a copy that the device cannot access: drm_gem_shmem_mmap, panthor_gem_mmap.
    guard !request.isPrivate || file.device.injects(.privateMapping) else { throw .EINVAL }
    return buffer
  }

  private func establish(
    _ request: MapRequest, _ memory: MockMemory, from start: Int64 = 0, keeping kept: [AnyObject]
  ) throws(Errno) -> Int {
    let backing = try memory.images.backing()
    memory.prepareMapping()
    return try establish(
      request, backing, memory: request.isPrivate ? nil : memory, from: start, keeping: kept)
  }

  private func establish(
    _ request: MapRequest, _ backing: Backing, memory: MockMemory? = nil, from start: Int64 = 0,
    keeping kept: [AnyObject]
  ) throws(Errno) -> Int {
    let answer = cdrm_mmap(
      request.length, request.protection, request.flags, backing.file,
      Int64(backing.start) + start)
    if -4095..<0 ~= answer { throw Errno(rawValue: CInt(-answer)) }
    mappings[answer] = Mapping(
      kept: kept, length: Self.wholePages(request.length), memory: memory, start: Int(start))
    return answer
  }

  /// Unmaps a range; a mapping releases its objects with its last part.
  func unmap(_ address: Int, length: Int) throws(Errno) {
    guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return }
    if let errno = Errno(answer: unsafe cdrm_munmap(pointer, length)) { throw errno }
    let end = address + Self.wholePages(length)
    if let mapping = mappings[address], address + mapping.length <= end {
      mappings[address] = nil
      return
    }
    for (start, mapping) in mappings where start < end && address < start + mapping.length {
      mappings[start] = nil
      let stop = start + mapping.length
      if start < address { mappings[start] = mapping.part(from: 0, length: address - start) }
      if end < stop { mappings[end] = mapping.part(from: end - start, length: stop - end) }
    }
  }

  /// Rounds up to pages of the host, since the mappings are made by the host.
  private static func wholePages(_ length: Int) -> Int {
    let page = Int(cdrm_page_size())
    return (length + page - 1) / page * page
  }
}
