// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

#if canImport(Glibc)
  internal import Glibc
#endif

/// What `mmap` was asked for.
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
}

extension MockMachine {
  /// Maps in the order of mm, the DRM core and the driver.
  func map(_ request: MapRequest, _ descriptor: CInt) throws(Errno) -> Int {
    guard let description = descriptors[descriptor] else { throw .EBADF }
    guard request.offset >= 0, request.offset % Int64(cdrm_page_size()) == 0 else { throw .EINVAL }
    guard request.length != 0 else { throw .EINVAL }
    switch description {
    case .node(let file):
      try checkMode(request, isReadable: file.isReadable, isWritable: file.isWritable)
      if let registers = try file.device.driver.registers(request, in: file) {
        return try establish(request, registers)
      }
      let buffer = try selectBuffer(request, in: file)
      return try establish(request, buffer)
    case .dmaBuf(let dmaBuf):
      try checkMode(request, isReadable: true, isWritable: dmaBuf.isWritable)
      let length = dmaBuf.buffer.device.pageAligned(UInt64(UInt(bitPattern: request.length)))
      let (end, overflow) = UInt64(request.offset).addingReportingOverflow(length)
      guard !overflow else { throw .EOVERFLOW }
      guard end <= dmaBuf.size else { throw .EINVAL }
      guard !request.isPrivate else { throw .EINVAL }
      return try establish(request, dmaBuf.buffer)
    case .syncFile: throw .ENODEV
    }
  }

  /// What mm refuses before it asks the file: `do_mmap`.
  private func checkMode(
    _ request: MapRequest,
    isReadable: Bool,
    isWritable: Bool
  ) throws(Errno) {
    switch request.flags & MapType.mask {
    case MapType.shared: guard !request.isWritable || isWritable else { throw .EACCES }
    case MapType.privateCopy: break
    default: throw .EINVAL
    }
    guard isReadable else { throw .EACCES }
  }

  /// What the DRM core and the driver refuse: `drm_gem_mmap`, then the driver's hook.
  private func selectBuffer(
    _ request: MapRequest,
    in file: MockFile
  ) throws(Errno) -> MockBuffer {
    let length = file.device.pageAligned(UInt64(UInt(bitPattern: request.length)))
    guard let buffer = file.device.offsets.buffer(at: UInt64(request.offset)),
      length <= buffer.size
    else { throw .EINVAL }
    guard file.holds(buffer) else { throw .EACCES }
    // A private mapping would be a copy, which a device does not see.
    guard !request.isPrivate else { throw .EINVAL }
    return buffer
  }

  private func establish(_ request: MapRequest, _ buffer: MockBuffer) throws(Errno) -> Int {
    let answer = try establish(request, try buffer.memoryFile())
    mappings[answer] = buffer
    return answer
  }

  private func establish(_ request: MapRequest, _ memory: CInt) throws(Errno) -> Int {
    let answer = cdrm_mmap(request.length, request.protection, request.flags, memory, 0)
    if answer < 0, answer > -4096 { throw Errno(rawValue: CInt(-answer)) }
    return answer
  }

  func unmap(_ address: Int, length: Int) {
    mappings[address] = nil
    guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return }
    _ = unsafe cdrm_munmap(pointer, length)
  }
}
