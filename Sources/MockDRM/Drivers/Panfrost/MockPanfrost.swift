// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMDrivers
internal import DRMKernel

/// The mock of panfrost 1.0 to 1.6: `panfrost_drv.c`, `panfrost_gem.c`.
final class MockPanfrost: MockDriver {
  let identity = DRMDriver.panfrost
  let summary = "panfrost DRM"
  let hasSyncobj = true
  let hasSyncobjTimeline = false
  let table: MockIoctlTable
  private let minor: Int

  /// The first minor with cycle counts of jobs, and the first with contexts.
  static let cycleCounts = 3
  static let contexts = 5
  /// The first minor with WB_MMAP, SYNC_BO and QUERY_BO_INFO, in Linux 7.0.
  static let cachedMaps = 6

  private static let noExecute = UInt32(CDRM_PANFROST_BO_NOEXEC)
  static let heap = UInt32(CDRM_PANFROST_BO_HEAP)
  /// The size by which a heap BO grows on a GPU fault, in bytes.
  static let heapGranule: UInt64 = 2 << 20
  private static let writeBack = UInt32(CDRM_PANFROST_BO_WB_MMAP)

  init(minor: Int) {
    self.minor = minor
    var entries: [MockIoctl] = [
      .entry(cdrm_request_panfrost_wait_bo, Self.waitBuffer),
      .entry(cdrm_request_panfrost_create_bo, Self.createBuffer),
      .entry(cdrm_request_panfrost_mmap_bo, Self.mmapOffset),
      .entry(cdrm_request_panfrost_get_param, Self.parameter),
      .entry(cdrm_request_panfrost_get_bo_offset, Self.gpuOffset),
      .entry(cdrm_request_panfrost_madvise, Self.advise),
    ]
    // PERFCNT_ENABLE and PERFCNT_DUMP: ENOSYS from the driver too, without the parameter unstable_ioctls.
    entries += [0x4008_6446, 0x4008_6447].map { .notModelled($0) }
    if minor >= Self.contexts {
      entries += [
        .entry(cdrm_request_panfrost_submit, Self.submit),
        .entry(cdrm_request_panfrost_jm_ctx_create, Self.createContext),
        .entry(cdrm_request_panfrost_jm_ctx_destroy, Self.destroyContext),
      ]
    } else {
      entries.append(
        .entry(
          IoctlRequest(rawValue: cdrm_request_panfrost_submit)
            .resized(to: MemoryLayout<SubmitWithoutContext>.size).rawValue,
          Self.submitWithoutContext))
    }
    if minor >= 4 { entries.append(.entry(cdrm_request_panfrost_set_label_bo, Self.setLabel)) }
    if minor >= Self.cachedMaps {
      entries += [
        .entry(cdrm_request_panfrost_sync_bo, Self.syncBuffers),
        .entry(cdrm_request_panfrost_query_bo_info, Self.queryBuffer),
      ]
    }
    table = MockIoctlTable(entries)
  }

  var hasAccessHooks: Bool { minor >= Self.cachedMaps }
  var hasImplicitFences: Bool { true }

  func makeFileState() -> AnyObject { PanfrostFileState() }
  func makeBufferState() -> AnyObject { PanfrostBufferState() }

  /// Maps the BO into the file's GPU address space: `panfrost_gem_open`.
  func handleOpened(_ buffer: MockBuffer, in file: MockFile) throws(Errno) {
    try file.panfrost.map(buffer)
    buffer.panfrost.mappings += 1
    // A heap BO gets its pages on GPU faults.
    if buffer.flags & Self.heap == 0 { buffer.mapForDMA() }
  }

  func handleClosed(_ buffer: MockBuffer, in file: MockFile) {
    file.panfrost.unmap(buffer)
    buffer.panfrost.mappings -= 1
  }

  /// Refuses a heap BO, which grows on GPU faults: `panfrost_gem_pin`.
  func allowAttachment(to buffer: MockBuffer) throws(Errno) {
    guard buffer.flags & Self.heap == 0 else { throw .EINVAL }
  }

  /// Refuses BOs with WB_MMAP for policy private-wb, on coherent devices too.
  func allowExport(of buffer: MockBuffer) throws(Errno) {
    guard buffer.device.profile.policy != .privateWB || buffer.flags & Self.writeBack == 0 else {
      throw .EINVAL
    }
  }

  func mapsWriteCombining(_ buffer: MockBuffer) -> Bool {
    !buffer.device.profile.isCoherent && buffer.flags & Self.writeBack == 0
  }

  private static func createBuffer(
    _ file: MockFile, _ argument: inout cdrm_panfrost_create_bo
  ) throws(Errno) {
    let minor = file.device.profile.minor
    let known =
      minor >= cachedMaps ? noExecute | heap | writeBack : minor >= 1 ? noExecute | heap : 0
    guard argument.size != 0, argument.pad == 0, argument.flags & ~known == 0 else {
      throw .EINVAL
    }
    let isHeap = argument.flags & heap != 0
    // Heap BOs must not be executable: panfrost_ioctl_create_bo.
    guard !isHeap || argument.flags & noExecute != 0 else { throw .EINVAL }
    guard !isHeap || argument.flags & writeBack == 0 else { throw .EINVAL }
    let requested = UInt64(argument.size)
    let size = isHeap ? (requested + heapGranule - 1) / heapGranule * heapGranule : requested
    let buffer = try MockBuffer(
      on: file.device, size: file.device.pageAligned(size),
      origin: .created(flags: argument.flags))
    argument.handle = try file.insert(buffer)
    argument.offset = try file.panfrost.offset(of: buffer)
  }

  private static func mmapOffset(
    _ file: MockFile, _ argument: inout cdrm_panfrost_mmap_bo
  ) throws(Errno) {
    guard argument.flags == 0 else { throw .EINVAL }
    let buffer = try file.buffer(argument.handle)
    guard buffer.flags & heap == 0 else { throw .EINVAL }
    argument.offset = buffer.offset
  }

  /// Returns the GPU address; pad is not checked.
  private static func gpuOffset(
    _ file: MockFile, _ argument: inout cdrm_panfrost_get_bo_offset
  ) throws(Errno) {
    argument.offset = try file.panfrost.offset(of: file.buffer(argument.handle))
  }

  /// Waits for the fences of a BO, up to an absolute time: `panfrost_ioctl_wait_bo`.
  private static func waitBuffer(
    _ file: MockFile, _ argument: inout cdrm_panfrost_wait_bo
  ) throws(Errno) {
    guard argument.pad == 0 else { throw .EINVAL }
    let memory = try file.buffer(argument.handle).memory
    let fences = file.device.jobs.fences(on: memory)
    guard !fences.isEmpty else { return }
    let time = max(argument.timeout_ns, 0) - cdrm_monotonic_nanoseconds()
    guard time > 0 else { throw .EBUSY }
    guard file.device.jobs.wait(for: fences, within: time) else { throw .ETIMEDOUT }
  }

  /// Stores any advice; as Int32, a negative value counts as purged: `drm_gem_shmem_madvise_locked`.
  private static func advise(
    _ file: MockFile, _ argument: inout cdrm_panfrost_madvise
  ) throws(Errno) {
    let buffer = try file.buffer(argument.handle)
    if argument.madv == CDRM_PANFROST_MADV_DONTNEED {
      // A BO that several files map must not be purged.
      guard buffer.panfrost.mappings == 1 else { throw .EINVAL }
    }
    if buffer.panfrost.advice >= 0 { buffer.panfrost.advice = Int32(bitPattern: argument.madv) }
    argument.retained = buffer.panfrost.advice >= 0 ? 1 : 0
  }

  private static func setLabel(
    _ file: MockFile, _ argument: inout cdrm_panfrost_set_label_bo
  ) throws(Errno) {
    guard argument.pad == 0 else { throw .EINVAL }
    _ = try file.buffer(argument.handle)
    try MockLabel.check(argument.label, on: file.device)
  }

  /// Returns the flags of a BO; WB_MMAP is set for every BO without WC mapping.
  private static func queryBuffer(
    _ file: MockFile, _ argument: inout cdrm_panfrost_query_bo_info
  ) throws(Errno) {
    let buffer = try file.buffer(argument.handle)
    argument.pad = 0
    argument.extra_flags = buffer.isImported ? UInt32(CDRM_PANFROST_BO_IS_IMPORTED) : 0
    guard !buffer.isImported else {
      argument.create_flags = 0
      return
    }
    argument.create_flags = buffer.flags & (noExecute | heap)
    if !file.device.driver.mapsWriteCombining(buffer) { argument.create_flags |= writeBack }
  }
}

extension MockPanfrost {
  /// GET_PARAM: checks pad, then the parameter at this version: `panfrost_ioctl_get_param`.
  static func parameter(
    _ file: MockFile, _ argument: inout cdrm_panfrost_get_param
  ) throws(Errno) {
    guard argument.pad == 0 else { throw .EINVAL }
    let profile = file.device.profile
    guard let since = firstMinor(of: Int(argument.param)), profile.minor >= since else {
      throw .EINVAL
    }
    argument.value = value(of: Int(argument.param), profile)
  }

  /// The first minor with a parameter; nil for an unknown parameter.
  private static func firstMinor(of parameter: Int) -> Int? {
    switch parameter {
    case 0...39: 0
    case CDRM_PANFROST_PARAM_AFBC_FEATURES: 2
    case CDRM_PANFROST_PARAM_SYSTEM_TIMESTAMP: 3
    case CDRM_PANFROST_PARAM_SYSTEM_TIMESTAMP_FREQUENCY: 3
    case CDRM_PANFROST_PARAM_ALLOWED_JM_CTX_PRIORITIES: 5
    case CDRM_PANFROST_PARAM_SELECTED_COHERENCY: cachedMaps
    default: nil
    }
  }

  /// The value of a parameter for a Mali-G52, or for a Mali-G57 on a coherent device.
  private static func value(of parameter: Int, _ profile: MockProfile) -> UInt64 {
    switch parameter {
    case CDRM_PANFROST_PARAM_GPU_PROD_ID: profile.isCoherent ? 0x9093 : 0x7402
    case CDRM_PANFROST_PARAM_GPU_REVISION: profile.isCoherent ? 0 : 0x1000
    case CDRM_PANFROST_PARAM_SHADER_PRESENT: 0x3
    case CDRM_PANFROST_PARAM_TILER_PRESENT, CDRM_PANFROST_PARAM_L2_PRESENT: 1
    case CDRM_PANFROST_PARAM_AS_PRESENT: 0xff
    case CDRM_PANFROST_PARAM_JS_PRESENT: 7
    case CDRM_PANFROST_PARAM_L2_FEATURES: 0x0713_0206
    case CDRM_PANFROST_PARAM_MMU_FEATURES: 0x2830
    case CDRM_PANFROST_PARAM_COHERENCY_FEATURES: 1
    case CDRM_PANFROST_PARAM_ALLOWED_JM_CTX_PRIORITIES: 7
    case CDRM_PANFROST_PARAM_SELECTED_COHERENCY:
      UInt64(
        profile.isCoherent ? CDRM_PANTHOR_COHERENCY_ACE_LITE : CDRM_PANTHOR_COHERENCY_NONE)
    default: 0
    }
  }
}
