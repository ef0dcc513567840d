// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// The ioctls of dumb buffers, on primary nodes only: `drm_dumb_buffers.c`.
enum DumbBuffers {
  static let table: [MockIoctl] = [
    .entry(cdrm_request_mode_create_dumb, render: false, create),
    .entry(cdrm_request_mode_map_dumb, render: false, map),
    .entry(cdrm_request_mode_destroy_dumb, render: false) {
      (file, argument: inout cdrm_mode_destroy_dumb) throws(Errno) in
      guard file.device.driver.hasDumbBuffers else { throw .ENOSYS }
      try file.close(argument.handle)
    },
  ]

  /// Creates a dumb buffer; the outputs are zeroed first, except in kernels up to 6.12.
  private static func create(
    _ file: MockFile, _ argument: inout cdrm_mode_create_dumb
  ) throws(Errno) {
    let isOld = file.device.profile.kernel <= .v6_12
    if !isOld { clear(&argument) }
    guard file.device.driver.hasDumbBuffers else { throw .ENOSYS }
    do throws(Errno) {
      try allocate(file, &argument)
    } catch {
      if argument.width != 0, argument.height != 0 { clear(&argument) }
      throw error
    }
  }

  private static func allocate(
    _ file: MockFile, _ argument: inout cdrm_mode_create_dumb
  ) throws(Errno) {
    guard argument.width != 0, argument.height != 0, argument.bpp != 0, argument.bpp <= .max - 8
    else { throw .EINVAL }
    let bytesPerPixel = (argument.bpp + 7) / 8
    let (stride, wide) = argument.width.multipliedReportingOverflow(by: bytesPerPixel)
    guard !wide, !argument.height.multipliedReportingOverflow(by: stride).overflow else {
      throw .EINVAL
    }
    let size = file.device.pageAligned(UInt64(stride) * UInt64(argument.height))
    guard size <= UInt64(UInt32.max) else { throw .EINVAL }
    let buffer = try MockBuffer(on: file.device, size: size, origin: .created(flags: 0))
    argument.pitch = stride
    argument.size = size
    argument.handle = try file.insert(buffer)
  }

  private static func clear(_ argument: inout cdrm_mode_create_dumb) {
    argument.handle = 0
    argument.pitch = 0
    argument.size = 0
  }

  private static func map(
    _ file: MockFile, _ argument: inout cdrm_mode_map_dumb
  ) throws(Errno) {
    guard file.device.driver.hasDumbBuffers else { throw .ENOSYS }
    // Kernels up to 6.12 do not change the output of a call that fails.
    if file.device.profile.kernel > .v6_12 { argument.offset = 0 }
    let buffer = try file.buffer(argument.handle)
    guard !buffer.isImported else { throw .EINVAL }
    argument.offset = buffer.offset
  }
}
