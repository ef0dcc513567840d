// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

/// The ioctls of powervr 1.0, `drivers/gpu/drm/imagination`; never run on the real driver.
struct PowerVRUAPI: DriverUAPI {
  let release: DriverRelease

  /// Rounds the size up: the driver refuses a size that is not whole pages.
  func createBuffer(
    size: UInt64, mapping: CPUMapping, options: BufferOptions, in file: DRMFile
  ) throws(DRMError) -> (handle: GEMHandle, size: UInt64) {
    let mask = UInt64(file.pageSize) - 1
    var argument = cdrm_pvr_create_bo()
    argument.size = (size &+ mask) & ~mask
    if options.contains(.firmwareOnly) {
      argument.flags |= UInt64(CDRM_PVR_BO_PM_FW_PROTECT)
    }
    if mapping != .none {
      argument.flags |= UInt64(CDRM_PVR_BO_ALLOW_CPU_USERSPACE_ACCESS)
    }
    let handle = try file.create(cdrm_request_pvr_create_bo, &argument) { $0.handle }
    return (handle, argument.size)
  }

  func fakeOffset(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> FakeOffset {
    try file.fakeOffset(
      of: handle, cdrm_request_pvr_get_bo_mmap_offset,
      cdrm_pvr_get_bo_mmap_offset(handle: handle.rawValue, _padding_4: 0, offset: 0)
    ) { $0.offset }
  }
}
