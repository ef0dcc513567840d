// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

#if canImport(Glibc)
  internal import Glibc
#endif

/// The mapping of device registers: `panthor_device_mmap_io`.
extension MockPanthor {
  /// Sets where registers start in the file's mmap offsets: `panthor_ioctl_set_user_mmio_offset`.
  static func setUserMMIOOffset(
    _ file: MockFile, _ argument: inout cdrm_panthor_set_user_mmio_offset
  ) throws(Errno) {
    switch argument.offset {
    case CDRM_PANTHOR_USER_MMIO_32BIT, CDRM_PANTHOR_USER_MMIO_64BIT:
      file.panthor.mmioOffset = argument.offset
    default: throw .EINVAL
    }
  }

  /// Accepts a mapping of the flush-id page only: one page, shared, read-only, from a writable file.
  func registers(_ request: MapRequest, in file: MockFile) throws(Errno) -> CInt? {
    let start = file.panthor.mmioOffset
    guard UInt64(request.offset) >= start else { return nil }
    let page = UInt64(file.device.profile.pageSize)
    guard !request.isPrivate, file.isWritable else { throw .EINVAL }
    guard UInt64(request.offset) == start,
      file.device.pageAligned(UInt64(request.length)) == page,
      request.protection & (PROT_WRITE | PROT_EXEC) == 0
    else { throw .EINVAL }
    return try flushIDPage(size: page)
  }

  private func flushIDPage(size: UInt64) throws(Errno) -> CInt {
    if let registerFile { return registerFile }
    let memory = unsafe cdrm_memory_file("mock-flush-id", size)
    if let errno = Errno(answer: memory) { throw errno }
    registerFile = memory
    // The flush id starts at 1, and no job increments it.
    let page = cdrm_mmap(Int(size), PROT_WRITE, MAP_SHARED, memory, 0)
    if let address = unsafe UnsafeMutableRawPointer(bitPattern: page), page > 0 {
      unsafe address.storeBytes(of: 1, as: UInt32.self)
      _ = unsafe cdrm_munmap(address, Int(size))
    }
    return memory
  }
}
