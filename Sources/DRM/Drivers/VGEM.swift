// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

/// The ioctls of vgem 1.0, `drivers/gpu/drm/vgem`, whose BOs belong to no device.
///
/// Its BOs are dumb buffers, which are created on the primary node: a render node returns EACCES.
struct VGEMUAPI: DriverUAPI {
  let release: DriverRelease

  func fakeOffset(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> FakeOffset {
    try DumbBufferCall.fakeOffset(of: handle, in: file)
  }

  /// Creates an image with one page per row, of 8 bits per pixel.
  func createBuffer(
    size: UInt64, mapping: CPUMapping, options: BufferOptions, in file: DRMFile
  ) throws(DRMError) -> (handle: GEMHandle, size: UInt64) {
    let width = UInt32(file.pageSize)
    let (padded, overflow) = size.addingReportingOverflow(UInt64(width) - 1)
    guard !overflow, let height = UInt32(exactly: padded / UInt64(width)) else {
      throw DRMError(
        operation: .createBuffer, reason: .rangeTooLarge, subject: .node(file.path))
    }
    let created = try DumbBufferCall.create(
      width: width, height: height, bitsPerPixel: 8, in: file)
    return (created.handle, created.size)
  }
}
