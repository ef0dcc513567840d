// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

/// The ioctls of panfrost 1.0 to 1.6, `drivers/gpu/drm/panfrost`; newer minors only add.
struct PanfrostUAPI: DriverUAPI {
  let release: DriverRelease

  func selectedCoherency(in file: DRMFile) throws(DRMError) -> UInt64 {
    try parameter(CDRM_PANFROST_PARAM_SELECTED_COHERENCY, in: file)
  }

  func properties(in file: DRMFile) throws(DRMError) -> [DeviceProperty] {
    var properties: [DeviceProperty] = []
    for (name, number) in [
      ("gpu_prod_id", CDRM_PANFROST_PARAM_GPU_PROD_ID),
      ("gpu_revision", CDRM_PANFROST_PARAM_GPU_REVISION),
      ("l2_features", CDRM_PANFROST_PARAM_L2_FEATURES),
      ("mmu_features", CDRM_PANFROST_PARAM_MMU_FEATURES),
      ("as_present", CDRM_PANFROST_PARAM_AS_PRESENT),
      ("js_present", CDRM_PANFROST_PARAM_JS_PRESENT),
      ("shader_present", CDRM_PANFROST_PARAM_SHADER_PRESENT),
      ("l2_present", CDRM_PANFROST_PARAM_L2_PRESENT),
      ("tiler_present", CDRM_PANFROST_PARAM_TILER_PRESENT),
      ("coherency_features", CDRM_PANFROST_PARAM_COHERENCY_FEATURES),
    ] {
      properties.append(DeviceProperty(name, try parameter(number, in: file)))
    }
    if features.contains(.reportsCoherency) {
      properties.append(
        DeviceProperty("selected_coherency", try selectedCoherency(in: file)))
    }
    return properties
  }

  func createBuffer(
    size: UInt64, mapping: CPUMapping, options: BufferOptions, in file: DRMFile
  ) throws(DRMError) -> (handle: GEMHandle, size: UInt64) {
    guard let short = UInt32(exactly: size) else {
      throw DRMError(
        operation: .createBuffer, reason: .rangeTooLarge, subject: .node(file.path))
    }
    var argument = cdrm_panfrost_create_bo()
    argument.size = short
    if options.contains(.noExecute) { argument.flags |= UInt32(CDRM_PANFROST_BO_NOEXEC) }
    if options.contains(.heap) { argument.flags |= UInt32(CDRM_PANFROST_BO_HEAP) }
    if mapping == .writeBack { argument.flags |= UInt32(CDRM_PANFROST_BO_WB_MMAP) }
    let handle = try file.create(cdrm_request_panfrost_create_bo, &argument) { $0.handle }
    // The driver rounds up and does not report it: heap BOs to 2 MiB, all others to whole pages.
    let granule = options.contains(.heap) ? 2 << 20 : UInt64(file.pageSize)
    return (handle, (size + granule - 1) / granule * granule)
  }

  func setLabel(_ label: UInt64, of handle: GEMHandle, in file: DRMFile) throws(DRMError) {
    try file.perform(
      .label, cdrm_request_panfrost_set_label_bo,
      cdrm_panfrost_set_label_bo(handle: handle.rawValue, pad: 0, label: label), on: handle)
  }

  func fakeOffset(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> FakeOffset {
    try file.fakeOffset(
      of: handle, cdrm_request_panfrost_mmap_bo,
      cdrm_panfrost_mmap_bo(handle: handle.rawValue, flags: 0, offset: 0)
    ) { $0.offset }
  }

  /// On a coherent device every BO reports WB: how it is mapped, not the flag of its creation.
  func info(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> BufferInfo {
    let info = try file.perform(
      .queryBuffer, cdrm_request_panfrost_query_bo_info,
      cdrm_panfrost_query_bo_info(
        handle: handle.rawValue, extra_flags: 0, create_flags: 0, pad: 0), on: handle)
    let isWriteBack = info.create_flags & UInt32(CDRM_PANFROST_BO_WB_MMAP) != 0
    let isHeap = info.create_flags & UInt32(CDRM_PANFROST_BO_HEAP) != 0
    return BufferInfo(
      mapping: isHeap ? .none : isWriteBack ? .writeBack : .writeCombining,
      isImported: info.extra_flags & UInt32(CDRM_PANFROST_BO_IS_IMPORTED) != 0)
  }

  private func parameter(_ number: Int, in file: DRMFile) throws(DRMError) -> UInt64 {
    var argument = cdrm_panfrost_get_param(param: UInt32(number), pad: 0, value: 0)
    try file.perform(
      .queryDevice, cdrm_request_panfrost_get_param, &argument, on: .node(file.path))
    return argument.value
  }
}
