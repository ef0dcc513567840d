// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// panthor 1.0 to 1.9: `panthor_drv.c`, `panthor_gem.c`.
final class MockPanthor: MockDriver {
  let name = "panthor"
  let summary = "Panthor DRM driver"
  let hasSyncobj = true
  let hasSyncobjTimeline = true
  let table: MockIoctlTable
  private let minor: Int
  /// The page of LATEST_FLUSH_ID, once somebody has mapped it.
  var registerFile: CInt?

  /// The newest minor that is modelled.
  static let newestMinor = 9
  /// The minor of Linux 7.0, with WB_MMAP, BO_SYNC and BO_QUERY_INFO.
  static let cachedMaps = 7

  init(minor: Int) {
    self.minor = minor
    var entries: [MockIoctl] = [
      .entry(cdrm_request_panthor_dev_query, Self.deviceQuery),
      .entry(cdrm_request_panthor_vm_create, Self.createVM),
      .entry(cdrm_request_panthor_vm_destroy, Self.destroyVM),
      .entry(cdrm_request_panthor_vm_bind, Self.bind),
      .entry(cdrm_request_panthor_vm_get_state, Self.stateOfVM),
      .entry(cdrm_request_panthor_bo_create, Self.createBuffer),
      .entry(cdrm_request_panthor_bo_mmap_offset, Self.mmapOffset),
      .entry(cdrm_request_panthor_group_create, Self.createGroup),
      .entry(cdrm_request_panthor_group_destroy, Self.destroyGroup),
      .entry(cdrm_request_panthor_group_submit, Self.submit),
      .entry(cdrm_request_panthor_group_get_state, Self.stateOfGroup),
    ]
    // Tiler heaps are for tilers, which this mock has none of.
    entries += [0xC028_644B, 0xC008_644C].map { .notModelled($0) }
    if minor >= 4 { entries.append(.entry(cdrm_request_panthor_bo_set_label, Self.setLabel)) }
    if minor >= 5 {
      entries.append(
        .entry(cdrm_request_panthor_set_user_mmio_offset, Self.setUserMMIOOffset))
    }
    if minor >= Self.cachedMaps {
      entries += [
        .entry(cdrm_request_panthor_bo_sync, Self.syncBuffers),
        .entry(cdrm_request_panthor_bo_query_info, Self.queryBuffer),
      ]
    }
    table = MockIoctlTable(entries)
  }

  deinit {
    if let registerFile { _ = cdrm_close(registerFile) }
  }

  func makeFileState() -> AnyObject { PanthorFileState() }
  func makeBufferState() -> AnyObject { PanthorBufferState() }
  func fileClosed(_ file: MockFile) {
    file.panthor.close()
    file.device.jobs.endAbandoned()
  }

  var hasAccessHooks: Bool { minor >= Self.cachedMaps }

  /// What belongs to one VM does not leave it.
  func allowExport(of buffer: MockBuffer) throws(Errno) {
    guard buffer.panthor.exclusiveVM == nil else { throw .EINVAL }
  }

  /// Kernels with the first versions gave a NO_MMAP BO an offset, and refused to map it.
  private static func refusesLate(_ device: MockDevice) -> Bool {
    device.profile.minor < cachedMaps
  }

  func allowMapping(of buffer: MockBuffer) throws(Errno) {
    let isRefused = buffer.flags & UInt32(CDRM_PANTHOR_BO_NO_MMAP) != 0
    guard !isRefused || !Self.refusesLate(buffer.device) else { throw .EINVAL }
  }

  /// Decided by coherency and the creation flag alone: `should_map_wc`.
  func mapsWriteCombining(_ buffer: MockBuffer) -> Bool {
    !buffer.device.profile.isCoherent && buffer.flags & UInt32(CDRM_PANTHOR_BO_WB_MMAP) == 0
  }

  private static func createBuffer(
    _ file: MockFile,
    _ argument: inout cdrm_panthor_bo_create
  ) throws(Errno) {
    let noMap = UInt32(CDRM_PANTHOR_BO_NO_MMAP)
    let writeBack = UInt32(CDRM_PANTHOR_BO_WB_MMAP)
    let known = file.device.profile.minor >= cachedMaps ? noMap | writeBack : noMap
    guard argument.size != 0, argument.pad == 0, argument.flags & ~known == 0 else {
      throw .EINVAL
    }
    guard argument.flags & (noMap | writeBack) != noMap | writeBack else { throw .EINVAL }
    let vm = argument.exclusive_vm_id == 0 ? nil : try file.panthor.vm(argument.exclusive_vm_id)
    // As agreed in the thread: what is cached is not shared, so that no other driver has to know.
    let isShareable = vm == nil && argument.flags & writeBack != 0
    guard file.device.profile.policy != .privateWB || !isShareable else { throw .EINVAL }
    let size = file.device.pageAligned(argument.size)
    guard size < 1 << 63 else { throw .EINVAL }
    let buffer = try MockBuffer(
      on: file.device,
      size: size,
      origin: .created(flags: argument.flags)
    )
    buffer.panthor.exclusiveVM = vm?.root
    argument.handle = try file.insert(buffer)
    argument.size = size
  }

  private static func mmapOffset(
    _ file: MockFile,
    _ argument: inout cdrm_panthor_bo_mmap_offset
  ) throws(Errno) {
    guard argument.pad == 0 else { throw .EINVAL }
    let buffer = try file.buffer(argument.handle)
    if !refusesLate(file.device), buffer.flags & UInt32(CDRM_PANTHOR_BO_NO_MMAP) != 0 {
      throw .EPERM
    }
    argument.offset = buffer.offset
  }

  private static func setLabel(
    _ file: MockFile, _ argument: inout cdrm_panthor_bo_set_label
  ) throws(Errno) {
    guard argument.pad == 0 else { throw .EINVAL }
    _ = try file.buffer(argument.handle)
    try MockLabel.check(argument.label, on: file.device)
  }

  /// Cannot fail past the handle: what the caller left in the outputs is overwritten.
  private static func queryBuffer(
    _ file: MockFile,
    _ argument: inout cdrm_panthor_bo_query_info
  ) throws(Errno) {
    let buffer = try file.buffer(argument.handle)
    argument.pad = 0
    argument.create_flags = buffer.flags
    argument.extra_flags = buffer.isImported ? UInt32(CDRM_PANTHOR_BO_IS_IMPORTED) : 0
  }
}
