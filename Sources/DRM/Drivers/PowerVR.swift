// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

/// powervr 1.0, `drivers/gpu/drm/imagination`; written from its source, never run on the real driver.
final class PowerVRDriver: Driver {
  let name = "powervr"
  let features: Features = [.buffers, .unmappableBuffers, .protectedBuffers]
  let caveat: String? = "powervr is supported from its source alone: nothing ran on the real driver"

  init?(_ identity: DriverIdentity) {
    guard identity.name == "powervr", identity.version.major == 1 else { return nil }
  }

  /// The driver takes whole pages only, so the size is rounded up here.
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
    try file.perform(.createBuffer, cdrm_request_pvr_create_bo, &argument, on: .node(file.path))
    let handle = try GEMHandle(
      answered: argument.handle, by: .createBuffer, on: .node(file.path))
    return (handle, argument.size)
  }

  func fakeOffset(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> FakeOffset {
    var argument = cdrm_pvr_get_bo_mmap_offset(
      handle: handle.rawValue, _padding_4: 0, offset: 0)
    try file.perform(
      .fakeOffset, cdrm_request_pvr_get_bo_mmap_offset, &argument, on: .handle(handle))
    return try FakeOffset(answered: argument.offset, for: handle)
  }
}
