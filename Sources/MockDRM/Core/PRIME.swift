// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// Export of handles as dma-bufs and import of dma-bufs: `drm_prime.c`.
enum PRIME {
  private static let closeOnExec: UInt32 = 0x80000
  private static let readWrite: UInt32 = 0x2

  static func handleToDescriptor(
    _ file: MockFile,
    _ argument: inout cdrm_prime_handle
  ) throws(Errno) {
    guard argument.flags & ~(closeOnExec | readWrite) == 0 else { throw .EINVAL }
    // The descriptor is reserved first, so a full descriptor table is EMFILE even for a bad handle.
    let descriptor = try file.device.descriptors.reserve()
    do throws(Errno) {
      let dmaBuf = try dmaBuf(of: file.buffer(argument.handle), flags: argument.flags)
      file.device.descriptors.install(.dmaBuf(dmaBuf), at: descriptor)
      file.remember(dmaBuf, as: argument.handle)
      argument.fd = descriptor
    } catch {
      file.device.descriptors.cancel(descriptor)
      throw error
    }
  }

  /// Returns the dma-buf of a BO: the one it was imported from, its existing one, or a new one.
  private static func dmaBuf(
    of buffer: MockBuffer, flags: UInt32
  ) throws(Errno) -> MockDMABuf {
    if case .imported(let original) = buffer.origin { return original }
    if let existing = buffer.dmaBuf,
      !buffer.device.injects(.exportMode) || existing.isWritable == (flags & readWrite != 0)
    {
      return existing
    }
    try buffer.device.driver.allowExport(of: buffer)
    let dmaBuf = MockDMABuf(
      exporting: buffer, isWritable: flags & readWrite != 0, log: buffer.device.log)
    buffer.dmaBuf = dmaBuf
    return dmaBuf
  }

  static func descriptorToHandle(
    _ file: MockFile,
    _ argument: inout cdrm_prime_handle
  ) throws(Errno) {
    let dmaBuf = try file.device.descriptors.dmaBuf(argument.fd)
    if let handle = file.handle(of: dmaBuf), !file.device.injects(.importAgain) {
      argument.handle = handle
      return
    }
    let buffer: MockBuffer
    if let own = dmaBuf.buffer, own.device === file.device {
      buffer = own
    } else {
      try dmaBuf.exporter.allowAttachment()
      buffer = try MockBuffer(on: file.device, size: dmaBuf.size, origin: .imported(dmaBuf))
    }
    let handle = try file.insert(buffer)
    buffer.dmaBuf = dmaBuf
    file.remember(dmaBuf, as: handle)
    argument.handle = handle
  }
}
