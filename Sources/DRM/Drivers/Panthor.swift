// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

/// The ioctls of panthor 1.0 to 1.9, `drivers/gpu/drm/panthor`; newer minors only add.
struct PanthorUAPI: DriverUAPI {
  let release: DriverRelease

  func properties(in file: DRMFile) throws(DRMError) -> [DeviceProperty] {
    let info = try gpuInfo(in: file)
    var properties = [
      DeviceProperty("gpu_id", info.gpu_id),
      DeviceProperty("arch_major", info.gpu_id >> 28),
      DeviceProperty("arch_minor", info.gpu_id >> 24 & 0xf),
      DeviceProperty("gpu_rev", info.gpu_rev),
      DeviceProperty("csf_id", info.csf_id),
      DeviceProperty("l2_features", info.l2_features),
      DeviceProperty("mmu_features", info.mmu_features),
      DeviceProperty("va_bits", info.mmu_features & 0xff),
      DeviceProperty("as_present", info.as_present),
      DeviceProperty("shader_present", info.shader_present),
      DeviceProperty("l2_present", info.l2_present),
      DeviceProperty("tiler_present", info.tiler_present),
      DeviceProperty("coherency_features", info.coherency_features),
    ]
    if features.contains(.reportsCoherency) {
      properties.append(DeviceProperty("selected_coherency", info.selected_coherency))
    }
    return properties
  }

  func selectedCoherency(in file: DRMFile) throws(DRMError) -> UInt64 {
    UInt64(try gpuInfo(in: file).selected_coherency)
  }

  func createBuffer(
    size: UInt64, mapping: CPUMapping, options: BufferOptions, in file: DRMFile
  ) throws(DRMError) -> (handle: GEMHandle, size: UInt64) {
    var argument = cdrm_panthor_bo_create()
    argument.size = size
    argument.flags = mapping.panthorFlags
    let handle = try file.create(cdrm_request_panthor_bo_create, &argument) { $0.handle }
    return (handle, argument.size)
  }

  func info(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> BufferInfo {
    let info = try file.perform(
      .queryBuffer, cdrm_request_panthor_bo_query_info,
      cdrm_panthor_bo_query_info(
        handle: handle.rawValue, extra_flags: 0, create_flags: 0, pad: 0), on: handle)
    return BufferInfo(
      mapping: CPUMapping(panthorFlags: info.create_flags),
      isImported: info.extra_flags & UInt32(CDRM_PANTHOR_BO_IS_IMPORTED) != 0)
  }

  func fakeOffset(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> FakeOffset {
    try file.fakeOffset(
      of: handle, cdrm_request_panthor_bo_mmap_offset,
      cdrm_panthor_bo_mmap_offset(handle: handle.rawValue, pad: 0, offset: 0)
    ) { $0.offset }
  }

  func setLabel(_ label: UInt64, of handle: GEMHandle, in file: DRMFile) throws(DRMError) {
    try file.perform(
      .label, cdrm_request_panthor_bo_set_label,
      cdrm_panthor_bo_set_label(handle: handle.rawValue, pad: 0, label: label), on: handle)
  }

  func cores(in file: DRMFile) throws(DRMError) -> (shader: UInt64, tiler: UInt64) {
    let info = try gpuInfo(in: file)
    return (info.shader_present, info.tiler_present)
  }

  func mostQueues(in file: DRMFile) throws(DRMError) -> Int {
    var info = cdrm_panthor_csif_info()
    try query(CDRM_PANTHOR_DEV_QUERY_CSIF_INFO, &info, in: file)
    return Int(info.cs_slot_count)
  }

  private func gpuInfo(in file: DRMFile) throws(DRMError) -> cdrm_panthor_gpu_info {
    var info = cdrm_panthor_gpu_info()
    try query(CDRM_PANTHOR_DEV_QUERY_GPU_INFO, &info, in: file)
    return info
  }

  private func query<Info: BitwiseCopyable>(
    _ type: Int, _ info: inout Info, in file: DRMFile
  ) throws(DRMError) {
    try unsafe withUnsafeMutablePointer(to: &info) { pointer throws(DRMError) in
      var argument = cdrm_panthor_dev_query(
        type: UInt32(type),
        size: UInt32(MemoryLayout<Info>.size),
        pointer: UInt64(UInt(bitPattern: pointer))
      )
      try file.perform(
        .queryDevice,
        cdrm_request_panthor_dev_query,
        &argument,
        on: .node(file.path)
      )
    }
  }
}

extension CPUMapping {
  var panthorFlags: UInt32 {
    switch self {
    case .none: UInt32(CDRM_PANTHOR_BO_NO_MMAP)
    case .writeCombining: 0
    case .writeBack: UInt32(CDRM_PANTHOR_BO_WB_MMAP)
    }
  }

  fileprivate init(panthorFlags flags: UInt32) {
    if flags & UInt32(CDRM_PANTHOR_BO_NO_MMAP) != 0 {
      self = .none
    } else if flags & UInt32(CDRM_PANTHOR_BO_WB_MMAP) != 0 {
      self = .writeBack
    } else {
      self = .writeCombining
    }
  }
}
