// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// `/dev/udmabuf`, which exports a sealed memory file as a dma-buf: `udmabuf.c`.
enum MockUDMABuf {
  static let path = "/dev/udmabuf"

  // The default of the module parameter size_limit_mb.
  private static let mostBytes: UInt64 = 64 << 20
  private static let list: UInt = 0x4008_7543

  /// Performs an ioctl; CREATE returns the descriptor as its result.
  static func ioctl(
    _ request: IoctlRequest, argument address: UInt64, on machine: MockMachine
  ) throws(Errno) -> CInt {
    switch request.rawValue {
    case cdrm_request_udmabuf_create: break
    // CREATE_LIST, for several files, is not modelled; ENOSYS is not an error of the kernel's.
    case list: throw .ENOSYS
    default: throw .ENOTTY
    }
    let bytes = try ClientMemory.readBytes(
      address, count: MemoryLayout<cdrm_udmabuf_create>.size)
    let argument = unsafe bytes.withUnsafeBytes {
      unsafe $0.loadUnaligned(as: cdrm_udmabuf_create.self)
    }
    let page = UInt64(machine.pageSize)
    guard argument.offset % page == 0, argument.size % page == 0, argument.size != 0,
      argument.size <= mostBytes
    else { throw .EINVAL }
    let file = CInt(bitPattern: argument.memfd)
    try checkSeals(file)
    let (end, overflow) = argument.offset.addingReportingOverflow(argument.size)
    guard !overflow, end <= UInt64(max(cdrm_file_size(file), 0)) else { throw .EINVAL }
    let memory = try PlainMemory(
      of: file, from: argument.offset, size: argument.size, on: machine)
    return try machine.descriptors.insert(
      .dmaBuf(MockDMABuf(exporting: memory, isWritable: true, log: machine.log)))
  }

  /// Requires F_SEAL_SHRINK and refuses write seals: `check_memfd_seals`.
  private static func checkSeals(_ file: CInt) throws(Errno) {
    let seals = cdrm_seals(file)
    guard seals >= 0 else { throw .EBADFD }
    guard Int(seals) & CDRM_SEAL_SHRINK != 0,
      Int(seals) & (CDRM_SEAL_WRITE | CDRM_SEAL_FUTURE_WRITE) == 0
    else { throw .EINVAL }
  }
}
