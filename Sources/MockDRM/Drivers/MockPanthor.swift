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

  /// The newest minor that is modelled.
  static let newestMinor = 9
  /// The minor of Linux 7.0, with WB_MMAP, BO_SYNC and BO_QUERY_INFO.
  static let cachedMaps = 7

  init(minor: Int) {
    var entries: [MockIoctl] = [
      .entry(cdrm_request_panthor_dev_query, Self.deviceQuery),
      .notModelled(cdrm_request_panthor_vm_create),
      .notModelled(cdrm_request_panthor_vm_destroy),
      .entry(cdrm_request_panthor_bo_create, Self.createBuffer),
      .entry(cdrm_request_panthor_bo_mmap_offset, Self.mmapOffset),
    ]
    if minor >= Self.cachedMaps {
      entries += [
        .entry(cdrm_request_panthor_bo_sync, Self.syncBuffers),
        .entry(cdrm_request_panthor_bo_query_info, Self.queryBuffer),
      ]
    }
    table = MockIoctlTable(entries)
  }

  func allowExport(of buffer: MockBuffer) throws(Errno) {}

  /// Whether the CPU maps a BO write-combining: `should_map_wc`.
  static func mapsWriteCombining(_ buffer: MockBuffer) -> Bool {
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
    // No VM can be created on this mock, so no id is known.
    guard argument.exclusive_vm_id == 0 else { throw .EINVAL }
    let size = file.device.pageAligned(argument.size)
    guard size < 1 << 63 else { throw .EINVAL }
    let buffer = try MockBuffer(
      on: file.device,
      size: size,
      origin: .created(flags: argument.flags)
    )
    argument.size = size
    argument.handle = file.insert(buffer)
  }

  private static func mmapOffset(
    _ file: MockFile,
    _ argument: inout cdrm_panthor_bo_mmap_offset
  ) throws(Errno) {
    guard argument.pad == 0 else { throw .EINVAL }
    let buffer = try file.buffer(argument.handle)
    guard buffer.flags & UInt32(CDRM_PANTHOR_BO_NO_MMAP) == 0 else { throw .EPERM }
    argument.offset = buffer.offset
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
