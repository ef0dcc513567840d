// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CDRM
internal import DRMKernel

/// panthor 1.0 to 1.9, `drivers/gpu/drm/panthor`; newer minors only add.
final class PanthorDriver: Driver {
  let name = "panthor"
  let features: Features
  let dialect: SyncDialect
  private let version: DriverVersion

  init?(_ identity: DriverIdentity, _ dialect: SyncDialect) {
    guard identity.name == "panthor", identity.version.major == 1 else { return nil }
    // Tyr, the driver in Rust, reports panthor 1.5 and has one ioctl of it; only its description differs.
    guard !identity.summary.contains("Tyr") else { return nil }
    version = identity.version
    self.dialect = dialect
    features = Features(
      Self.history(dialect).filter { $0.since <= identity.version.minor }.map(\.feature))
  }

  /// Which minor each feature came with.
  private static func history(_ dialect: SyncDialect) -> [(feature: Features, since: Int)] {
    let cachedMaps = cachedMaps(dialect).minor
    return [
      (.buffers, 0), (.unmappableBuffers, 0), (.addressSpaces, 0), (.queueGroups, 0),
      (.labels, 4),
      (.writeBackMapping, cachedMaps), (.explicitSync, cachedMaps), (.bufferQuery, cachedMaps),
      (.reportsCoherency, cachedMaps),
    ]
  }

  /// The version with WB_MMAP, BO_SYNC, BO_QUERY_INFO and selected_coherency: that of Linux 7.0, or that of
  /// the series before another change took the number.
  private static func cachedMaps(_ dialect: SyncDialect) -> DriverVersion {
    DriverVersion(1, dialect == .merged ? 7 : 6)
  }

  private var cachedMaps: DriverVersion { Self.cachedMaps(dialect) }

  func version(offering feature: Features) -> DriverVersion? {
    Self.history(dialect).first { $0.feature == feature }.map { DriverVersion(1, $0.since) }
  }

  func coherency(in file: DRMFile) throws(DRMError) -> Coherency {
    // Before that the field is a zero pad, and zero would mean coherent.
    guard version >= cachedMaps else { return .notReported(before: cachedMaps) }
    let selected = try gpuInfo(in: file).selected_coherency
    switch Int(selected) {
    case CDRM_PANTHOR_COHERENCY_NONE: return .reported(isCoherent: false)
    case CDRM_PANTHOR_COHERENCY_ACE_LITE, CDRM_PANTHOR_COHERENCY_ACE:
      return .reported(isCoherent: true)
    default: return .unknownProtocol(selected)
    }
  }

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
    if version >= cachedMaps {
      properties.append(DeviceProperty("selected_coherency", info.selected_coherency))
    }
    return properties
  }

  func createBuffer(
    size: UInt64, mapping: CPUMapping, options: BufferOptions, in file: DRMFile
  ) throws(DRMError) -> (handle: GEMHandle, size: UInt64) {
    var argument = cdrm_panthor_bo_create()
    argument.size = size
    argument.flags = mapping.panthorFlags
    try file.perform(
      .createBuffer,
      cdrm_request_panthor_bo_create,
      &argument,
      on: .node(file.path)
    )
    let handle = try GEMHandle(
      answered: argument.handle,
      by: .createBuffer,
      on: .node(file.path)
    )
    return (handle, argument.size)
  }

  func setLabel(
    _ label: UInt64, of handle: GEMHandle, in file: DRMFile
  ) throws(DRMError) {
    var argument = cdrm_panthor_bo_set_label(handle: handle.rawValue, pad: 0, label: label)
    try file.perform(
      .label, cdrm_request_panthor_bo_set_label, &argument, on: .handle(handle))
  }

  func fakeOffset(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> FakeOffset {
    var argument = cdrm_panthor_bo_mmap_offset(handle: handle.rawValue, pad: 0, offset: 0)
    try file.perform(
      .fakeOffset,
      cdrm_request_panthor_bo_mmap_offset,
      &argument,
      on: .handle(handle)
    )
    return try FakeOffset(answered: argument.offset, for: handle)
  }

  func info(of handle: GEMHandle, in file: DRMFile) throws(DRMError) -> BufferInfo {
    var argument = cdrm_panthor_bo_query_info()
    argument.handle = handle.rawValue
    try file.perform(
      .queryBuffer,
      cdrm_request_panthor_bo_query_info,
      &argument,
      on: .handle(handle)
    )
    return BufferInfo(
      mapping: CPUMapping(panthorFlags: argument.create_flags),
      isImported: argument.extra_flags & UInt32(CDRM_PANTHOR_BO_IS_IMPORTED) != 0
    )
  }

  func cores(in file: DRMFile) throws(DRMError) -> (shader: UInt64, tiler: UInt64) {
    let info = try gpuInfo(in: file)
    return (info.shader_present, info.tiler_present)
  }

  private func gpuInfo(in file: DRMFile) throws(DRMError) -> cdrm_panthor_gpu_info {
    var info = cdrm_panthor_gpu_info()
    try unsafe withUnsafeMutablePointer(to: &info) { pointer throws(DRMError) in
      var argument = cdrm_panthor_dev_query(
        type: UInt32(CDRM_PANTHOR_DEV_QUERY_GPU_INFO),
        size: UInt32(MemoryLayout<cdrm_panthor_gpu_info>.size),
        pointer: UInt64(UInt(bitPattern: pointer))
      )
      try file.perform(
        .queryDevice,
        cdrm_request_panthor_dev_query,
        &argument,
        on: .node(file.path)
      )
    }
    return info
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
