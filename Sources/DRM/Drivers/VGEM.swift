// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

/// vgem 1.0, `drivers/gpu/drm/vgem`: BOs without a device, to share with those that have one.
///
/// Its BOs are dumb buffers, so they are created on the primary node: a render node answers EACCES.
final class VGEMDriver: Driver {
  let name = "vgem"
  let features: Features = [.buffers, .dumbBuffers]
  let needsPrimaryNode = true

  init?(_ identity: DriverIdentity) {
    guard identity.name == "vgem", identity.version.major == 1 else { return nil }
  }

  /// One row of bytes a page.
  func createBuffer(
    size: UInt64, mapping: CPUMapping, options: BufferOptions, in file: DRMFile
  ) throws(DRMError) -> (handle: GEMHandle, size: UInt64) {
    let width = UInt32(file.pageSize)
    let (padded, overflow) = size.addingReportingOverflow(UInt64(width) - 1)
    guard !overflow, let height = UInt32(exactly: padded / UInt64(width)) else {
      throw DRMError(
        operation: .createBuffer, reason: .rangeTooLarge, subject: .node(file.path))
    }
    let made = try DumbBufferCall.create(
      width: width, height: height, bitsPerPixel: 8, in: file)
    return (made.handle, made.size)
  }

  func fakeOffset(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> FakeOffset {
    try DumbBufferCall.fakeOffset(of: handle, in: file)
  }
}
