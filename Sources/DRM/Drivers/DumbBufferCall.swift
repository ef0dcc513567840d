// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// The dumb buffer ioctls, which are the core's: `drm_dumb_buffers.c`.
enum DumbBufferCall {
  static func create(
    width: UInt32, height: UInt32, bitsPerPixel: UInt32, in file: DRMFile
  ) throws(DRMError) -> (handle: GEMHandle, pitch: UInt32, size: UInt64) {
    var argument = cdrm_mode_create_dumb()
    argument.width = width
    argument.height = height
    argument.bpp = bitsPerPixel
    try file.perform(
      .createBuffer, cdrm_request_mode_create_dumb, &argument, on: .node(file.path))
    let handle = try GEMHandle(
      answered: argument.handle, by: .createBuffer, on: .node(file.path))
    return (handle, argument.pitch, argument.size)
  }

  static func fakeOffset(
    of handle: GEMHandle, in file: DRMFile
  ) throws(DRMError) -> FakeOffset {
    var argument = cdrm_mode_map_dumb(handle: handle.rawValue, pad: 0, offset: 0)
    try file.perform(.fakeOffset, cdrm_request_mode_map_dumb, &argument, on: .handle(handle))
    return try FakeOffset(answered: argument.offset, for: handle)
  }
}
