// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// Handle to dma-buf and back: `drm_prime.c`.
enum PRIME {
  private static let closeOnExec: UInt32 = 0x80000
  private static let readWrite: UInt32 = 0x2

  static func handleToDescriptor(
    _ file: MockFile,
    _ argument: inout cdrm_prime_handle
  ) throws(Errno) {
    guard argument.flags & ~(closeOnExec | readWrite) == 0 else { throw .EINVAL }
    let buffer = try file.buffer(argument.handle)
    let dmaBuf: MockDMABuf
    if case .imported(let original) = buffer.origin {
      dmaBuf = original
    } else if let existing = buffer.dmaBuf {
      dmaBuf = existing
    } else {
      try file.device.driver.allowExport(of: buffer)
      dmaBuf = MockDMABuf(exporting: buffer, isWritable: argument.flags & readWrite != 0)
      buffer.dmaBuf = dmaBuf
    }
    argument.fd = try file.device.descriptors.insert(.dmaBuf(dmaBuf))
    file.remember(dmaBuf, as: argument.handle)
  }

  static func descriptorToHandle(
    _ file: MockFile,
    _ argument: inout cdrm_prime_handle
  ) throws(Errno) {
    let dmaBuf = try file.device.descriptors.dmaBuf(argument.fd)
    if let handle = file.handle(of: dmaBuf) {
      argument.handle = handle
      return
    }
    let exporter = dmaBuf.buffer
    let buffer: MockBuffer
    if exporter.device === file.device {
      buffer = exporter
    } else {
      try exporter.device.driver.allowAttachment(to: exporter)
      buffer = try MockBuffer(on: file.device, size: dmaBuf.size, origin: .imported(dmaBuf))
    }
    let handle = try file.insert(buffer)
    buffer.dmaBuf = dmaBuf
    file.remember(dmaBuf, as: handle)
    argument.handle = handle
  }
}
