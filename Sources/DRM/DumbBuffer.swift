// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM

/// A BO with the geometry of a picture, which software may draw in.
public struct DumbBuffer: ~Copyable, Sendable {
  /// The BO itself.
  public let buffer: BufferObject
  /// The distance between rows, in bytes.
  public let pitch: UInt32
}

extension DRMNode {
  /// Creates a dumb buffer: `DRM_IOCTL_MODE_CREATE_DUMB`.
  ///
  /// - Throws: `notOffered` where the driver has none; EACCES on a render node; EINVAL for a size that is 0
  ///   or past 32 bits.
  public func createDumbBuffer(
    width: UInt32, height: UInt32, bitsPerPixel: UInt32
  ) throws(DRMError) -> DumbBuffer {
    try driver.require(.dumbBuffers, .createBuffer, in: file)
    let made = try DumbBufferCall.create(
      width: width, height: height, bitsPerPixel: bitsPerPixel, in: file)
    file.adopt(made.handle)
    return DumbBuffer(
      buffer: BufferObject(file: file, driver: driver, handle: made.handle, size: made.size),
      pitch: made.pitch)
  }
}
