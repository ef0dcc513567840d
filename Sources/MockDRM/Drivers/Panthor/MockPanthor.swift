// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMDrivers
internal import DRMKernel

/// The mock of panthor 1.0 to 1.9: `panthor_drv.c`, `panthor_gem.c`.
final class MockPanthor: MockDriver {
  let identity = DRMDriver.panthor
  let summary = "Panthor DRM driver"
  let hasSyncobj = true
  let hasSyncobjTimeline = true
  let table: MockIoctlTable
  private let minor: Int
  /// The file with the flush-id page; nil before its first mapping.
  var registerFile: CInt?

  /// The first minor with WB_MMAP, BO_SYNC and BO_QUERY_INFO, in Linux 7.0.
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
    // TILER_HEAP_CREATE and TILER_HEAP_DESTROY: tilers are not modelled.
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
    file.device.jobs.endAbandonedJobs()
  }

  var hasAccessHooks: Bool { minor >= Self.cachedMaps }

  /// Refuses a BO that is exclusive to a VM: `panthor_gem_prime_export`.
  func allowExport(of buffer: MockBuffer) throws(Errno) {
    guard buffer.panthor.exclusiveVM == nil else { throw .EINVAL }
  }

  /// Whether a NO_MMAP BO has an offset and only `mmap` fails, as in minors below 7.
  private static func refusesOnlyMmap(_ device: MockDevice) -> Bool {
    device.profile.minor < cachedMaps
  }

  func allowMapping(of buffer: MockBuffer) throws(Errno) {
    let isRefused = buffer.flags & UInt32(CDRM_PANTHOR_BO_NO_MMAP) != 0
    guard !isRefused || !Self.refusesOnlyMmap(buffer.device) else { throw .EINVAL }
  }

  /// Depends on coherency and WB_MMAP alone: `should_map_wc`.
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
    let vm =
      argument.exclusive_vm_id == 0 ? nil : try file.panthor.vms.find(argument.exclusive_vm_id)
    // Policy private-wb: WB_MMAP needs an exclusive VM.
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
    if !refusesOnlyMmap(file.device), buffer.flags & UInt32(CDRM_PANTHOR_BO_NO_MMAP) != 0 {
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

  /// Returns the flags of a BO; overwrites the outputs, pad included: `panthor_ioctl_bo_query_info`.
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
