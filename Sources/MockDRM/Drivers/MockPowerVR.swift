// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMDrivers
internal import DRMKernel

/// The mock of powervr 1.0: `drivers/gpu/drm/imagination`.
///
/// It follows the driver's source; it was never compared with the real driver.
final class MockPowerVR: MockDriver {
  let identity = DRMDriver.powervr
  let summary = "Imagination PowerVR (Series 6 and later) & IMG Graphics"
  let hasSyncobj = true
  let hasSyncobjTimeline = true
  let table = MockIoctlTable(
    [
      .entry(cdrm_request_pvr_create_bo, createBuffer),
      .entry(cdrm_request_pvr_get_bo_mmap_offset, mmapOffset),
    ]
      // DEV_QUERY, and the ioctls for contexts, heaps and jobs.
      + [
        0xC010_6440, 0xC010_6443, 0xC008_6444, 0xC018_6445, 0xC010_6446, 0xC008_6447, 0xC010_6448,
        0xC020_6449, 0xC008_644A, 0xC010_644B, 0xC008_644C, 0xC010_644D,
      ].map { .notModelled($0) })

  private static let firmwareProtected = UInt32(CDRM_PVR_BO_PM_FW_PROTECT)
  private static let forCPU = UInt32(CDRM_PVR_BO_ALLOW_CPU_USERSPACE_ACCESS)

  /// Creates a BO of whole pages (`pvr_ioctl_create_bo`) and maps it for DMA (`pvr_gem_object_create`).
  private static func createBuffer(
    _ file: MockFile, _ argument: inout cdrm_pvr_create_bo
  ) throws(Errno) {
    let known = UInt64(
      CDRM_PVR_BO_BYPASS_DEVICE_CACHE | CDRM_PVR_BO_PM_FW_PROTECT
        | CDRM_PVR_BO_ALLOW_CPU_USERSPACE_ACCESS)
    let page = UInt64(file.device.profile.pageSize)
    guard argument._padding_c == 0, argument.size != 0, argument.size % page == 0,
      argument.flags & ~known == 0
    else { throw .EINVAL }
    let flags = UInt32(argument.flags)
    // The CPU must not map BOs of the firmware: pvr_gem_object_flags_validate.
    guard flags & (firmwareProtected | forCPU) != firmwareProtected | forCPU else {
      throw .EINVAL
    }
    guard argument.size < 1 << 63 else { throw .EINVAL }
    let buffer = try MockBuffer(
      on: file.device, size: argument.size, origin: .created(flags: flags))
    buffer.mapForDMA()
    argument.handle = try file.insert(buffer)
  }

  /// Returns the fake offset, even of a BO that must not be mapped.
  private static func mmapOffset(
    _ file: MockFile, _ argument: inout cdrm_pvr_get_bo_mmap_offset
  ) throws(Errno) {
    guard argument._padding_4 == 0 else { throw .EINVAL }
    argument.offset = try file.buffer(argument.handle).offset
  }

  func allowExport(of buffer: MockBuffer) throws(Errno) {
    guard buffer.flags & Self.firmwareProtected == 0 else { throw .EPERM }
    // Policy private-wb; BOs have WB mappings on coherent devices only.
    guard buffer.device.profile.policy != .privateWB || mapsWriteCombining(buffer) else {
      throw .EINVAL
    }
  }

  /// Refuses a BO without the flag for CPU access, and so every imported BO: `pvr_gem_mmap`.
  func allowMapping(of buffer: MockBuffer) throws(Errno) {
    guard buffer.flags & Self.forCPU != 0 else { throw .EINVAL }
  }
}
