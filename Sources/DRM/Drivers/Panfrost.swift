// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

/// panfrost 1.0 to 1.6, `drivers/gpu/drm/panfrost`; newer minors only add.
final class PanfrostDriver: Driver {
  let name = "panfrost"
  let features: Features
  let dialect: SyncDialect

  init?(_ identity: DriverIdentity, _ dialect: SyncDialect) {
    guard identity.name == "panfrost", identity.version.major == 1 else { return nil }
    self.dialect = dialect
    features = Features(
      Self.history(dialect).filter { $0.since <= identity.version.minor }.map(\.feature))
  }

  /// Which minor each feature came with.
  private static func history(_ dialect: SyncDialect) -> [(feature: Features, since: Int)] {
    let cachedMaps = cachedMaps(dialect).minor
    return [
      (.buffers, 0), (.fixedAddresses, 0), (.jobChains, 0), (.heapBuffers, 1), (.labels, 4),
      (.writeBackMapping, cachedMaps), (.explicitSync, cachedMaps), (.bufferQuery, cachedMaps),
      (.reportsCoherency, cachedMaps),
    ]
  }

  /// The version of Linux 7.0, or that of the series before JM_CTX took the number.
  private static func cachedMaps(_ dialect: SyncDialect) -> DriverVersion {
    DriverVersion(1, dialect == .merged ? 6 : 5)
  }

  func version(offering feature: Features) -> DriverVersion? {
    Self.history(dialect).first { $0.feature == feature }.map { DriverVersion(1, $0.since) }
  }

  func coherency(in file: DRMFile) throws(DRMError) -> Coherency {
    guard features.contains(.reportsCoherency) else {
      return .notReported(before: Self.cachedMaps(dialect))
    }
    let selected = try parameter(CDRM_PANFROST_PARAM_SELECTED_COHERENCY, in: file)
    switch Int(selected) {
    case CDRM_PANTHOR_COHERENCY_NONE: return .reported(isCoherent: false)
    case CDRM_PANTHOR_COHERENCY_ACE_LITE, CDRM_PANTHOR_COHERENCY_ACE:
      return .reported(isCoherent: true)
    default: return .unknownProtocol(UInt32(truncatingIfNeeded: selected))
    }
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
      let selected = try parameter(CDRM_PANFROST_PARAM_SELECTED_COHERENCY, in: file)
      properties.append(DeviceProperty("selected_coherency", selected))
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
    try file.perform(
      .createBuffer, cdrm_request_panfrost_create_bo, &argument, on: .node(file.path))
    let handle = try GEMHandle(
      answered: argument.handle, by: .createBuffer, on: .node(file.path))
    // The driver rounds up and does not say so: heap BOs to 2 MiB, all others to whole pages.
    let granule = options.contains(.heap) ? 2 << 20 : UInt64(file.pageSize)
    return (handle, (size + granule - 1) / granule * granule)
  }

  func setLabel(
    _ label: UInt64, of handle: GEMHandle, in file: DRMFile
  ) throws(DRMError) {
    var argument = cdrm_panfrost_set_label_bo(handle: handle.rawValue, pad: 0, label: label)
    try file.perform(
      .label, cdrm_request_panfrost_set_label_bo, &argument, on: .handle(handle))
  }

  func fakeOffset(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> FakeOffset {
    var argument = cdrm_panfrost_mmap_bo(handle: handle.rawValue, flags: 0, offset: 0)
    try file.perform(
      .fakeOffset, cdrm_request_panfrost_mmap_bo, &argument, on: .handle(handle))
    return try FakeOffset(answered: argument.offset, for: handle)
  }

  /// On a coherent device every BO says WB: the driver tells how it is mapped, not what was asked for.
  func info(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> BufferInfo {
    var argument = cdrm_panfrost_query_bo_info()
    argument.handle = handle.rawValue
    try file.perform(
      .queryBuffer, cdrm_request_panfrost_query_bo_info, &argument, on: .handle(handle))
    let isWriteBack = argument.create_flags & UInt32(CDRM_PANFROST_BO_WB_MMAP) != 0
    let isHeap = argument.create_flags & UInt32(CDRM_PANFROST_BO_HEAP) != 0
    return BufferInfo(
      mapping: isHeap ? .none : isWriteBack ? .writeBack : .writeCombining,
      isImported: argument.extra_flags & UInt32(CDRM_PANFROST_BO_IS_IMPORTED) != 0)
  }

  private func parameter(_ number: Int, in file: DRMFile) throws(DRMError) -> UInt64 {
    var argument = cdrm_panfrost_get_param(param: UInt32(number), pad: 0, value: 0)
    try file.perform(
      .queryDevice, cdrm_request_panfrost_get_param, &argument, on: .node(file.path))
    return argument.value
  }
}
