// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// panthor 1.0 to 1.9, `drivers/gpu/drm/panthor`; newer minors only add.
final class PanthorDriver: Driver {
  let name = "panthor"
  let features: Features
  private let version: DriverVersion

  init?(_ identity: DriverIdentity) {
    guard identity.name == "panthor", identity.version.major == 1 else { return nil }
    // Tyr, the driver in Rust, reports panthor 1.5 and has one ioctl of it; only its description differs.
    guard !identity.summary.contains("Tyr") else { return nil }
    version = identity.version
    features = Features(
      Self.history.lazy.filter { $0.since <= identity.version.minor }.map(\.feature))
  }

  /// Which minor each feature came with.
  private static let history: [(feature: Features, since: Int)] = [
    (.buffers, 0), (.unmappableBuffers, 0), (.addressSpaces, 0), (.labels, 4),
    (.writeBackMapping, 7), (.explicitSync, 7), (.bufferQuery, 7), (.reportsCoherency, 7),
  ]

  /// The version of Linux 7.0, with WB_MMAP, BO_SYNC, BO_QUERY_INFO and selected_coherency.
  private static let cachedMaps = DriverVersion(1, 7)

  func version(offering feature: Features) -> DriverVersion? {
    Self.history.first { $0.feature == feature }.map { DriverVersion(1, $0.since) }
  }

  func coherency(in file: DRMFile) throws(DRMError) -> Coherency {
    // Before 1.7 the field is a zero pad, and zero would mean coherent.
    guard version >= Self.cachedMaps else { return .notReported(before: Self.cachedMaps) }
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
    if version >= Self.cachedMaps {
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

  var syncCall: SyncCall? {
    features.contains(.explicitSync) ? PanthorSyncCall() : nil
  }

  func sync(_ batch: borrowing SyncBatch, in file: DRMFile) throws(DRMError) {
    let count = batch.count
    // An entry is laid out as panthor's element, so the batch is passed as it stands.
    try unsafe batch.entries.withUnsafeBufferPointer { entries throws(DRMError) in
      var argument = cdrm_panthor_bo_sync(
        ops: cdrm_panthor_obj_array(
          stride: UInt32(MemoryLayout<SyncBatch.Entry>.stride),
          count: UInt32(count),
          array: UInt64(UInt(bitPattern: entries.baseAddress))
        )
      )
      try file.perform(
        .syncBuffer,
        cdrm_request_panthor_bo_sync,
        &argument,
        on: .batch(count: count)
      )
    }
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

/// One operation as an array of one: `DRM_IOCTL_PANTHOR_BO_SYNC`.
private final class PanthorSyncCall: SyncCall, @unchecked Sendable {
  override func issue(
    _ kind: SyncKind, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    var entry = cdrm_panthor_bo_sync_op(
      handle: handle.rawValue, type: kind.rawValue, offset: range.lowerBound,
      size: range.upperBound &- range.lowerBound)
    return unsafe withUnsafeMutablePointer(to: &entry) { pointer in
      var argument = cdrm_panthor_bo_sync(
        ops: cdrm_panthor_obj_array(
          stride: UInt32(MemoryLayout<cdrm_panthor_bo_sync_op>.stride), count: 1,
          array: UInt64(UInt(bitPattern: pointer))))
      return file.answer(to: cdrm_request_panthor_bo_sync, &argument)
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
