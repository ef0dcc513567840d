// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

/// A BO with the geometry of an image, for software rendering.
public struct DumbBuffer: ~Copyable, Sendable {
  /// The BO.
  public let buffer: BufferObject
  /// The distance between rows, in bytes.
  public let pitch: UInt32
}

extension DRMNode {
  /// Creates a dumb buffer: `DRM_IOCTL_MODE_CREATE_DUMB`.
  ///
  /// - Parameters:
  ///   - width: in pixels.
  ///   - height: in pixels.
  ///   - bitsPerPixel: the kernel rounds it up to whole bytes.
  /// - Throws: `notOffered` where the driver has none; EACCES on a render node; EINVAL for a size that is 0
  ///   or exceeds 32 bits.
  public func createDumbBuffer(
    width: UInt32, height: UInt32, bitsPerPixel: UInt32
  ) throws(DRMError) -> DumbBuffer {
    try uapi.require(.dumbBuffers, .createBuffer, in: file)
    let created = try DumbBufferCall.create(
      width: width, height: height, bitsPerPixel: bitsPerPixel, in: file)
    return DumbBuffer(
      buffer: adopt(created.handle, size: created.size), pitch: created.pitch)
  }
}

/// The dumb buffer ioctls of the DRM core: `drm_dumb_buffers.c`.
enum DumbBufferCall {
  static func create(
    width: UInt32, height: UInt32, bitsPerPixel: UInt32, in file: DRMFile
  ) throws(DRMError) -> (handle: GEMHandle, pitch: UInt32, size: UInt64) {
    var argument = cdrm_mode_create_dumb()
    argument.width = width
    argument.height = height
    argument.bpp = bitsPerPixel
    let handle = try file.create(cdrm_request_mode_create_dumb, &argument) { $0.handle }
    return (handle, argument.pitch, argument.size)
  }

  static func fakeOffset(
    of handle: GEMHandle, in file: DRMFile
  ) throws(DRMError) -> FakeOffset {
    try file.fakeOffset(
      of: handle, cdrm_request_mode_map_dumb,
      cdrm_mode_map_dumb(handle: handle.rawValue, pad: 0, offset: 0)
    ) { $0.offset }
  }
}
