// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A sync of policy `series-v4`: for the CPU or the device, before its reads or writes.
///
/// The field that is now the type of an operation was `flags` in the series, for panthor and panfrost alike.
struct ProposedSync {
  private static let forDevice: UInt32 = 1
  private static let forRead: UInt32 = 2
  private static let forWrite: UInt32 = 4

  private let flags: UInt32

  /// Creates a sync from flags; throws EINVAL for an unknown one, before the handle is checked.
  init(flags: UInt32) throws(Errno) {
    guard flags & ~(Self.forDevice | Self.forRead | Self.forWrite) == 0 else { throw .EINVAL }
    self.flags = flags
  }

  private init(known flags: UInt32) { self.flags = flags }

  /// The sync of a dma-buf's hook at START; nil where the hook does nothing.
  static func start(_ direction: DMADirection) -> ProposedSync? {
    switch direction {
    case .fromDevice: ProposedSync(known: forRead)
    case .bidirectional: ProposedSync(known: forRead | forWrite)
    case .toDevice: nil
    }
  }

  /// The sync of a dma-buf's hook at END; nil where the hook does nothing.
  static func end(_ direction: DMADirection) -> ProposedSync? {
    switch direction {
    case .toDevice: ProposedSync(known: forDevice | forRead)
    case .bidirectional: ProposedSync(known: forDevice | forRead | forWrite)
    case .fromDevice: nil
    }
  }

  /// Syncs a range, with the checks of the proposed `drm_gem_sync` in order.
  ///
  /// An imported BO is synced by its exporter's hook, and only as a whole.
  func perform(on buffer: MockBuffer, offset: UInt64, size: UInt64) throws(Errno) {
    guard flags & (Self.forRead | Self.forWrite) != 0 else { return }
    // Imports count as cached, since the importer does not know the exporter's mapping.
    let isCached = buffer.isImported || !buffer.device.driver.mapsWriteCombining(buffer)
    guard isCached, size > 0 else { return }
    let (end, overflow) = offset.addingReportingOverflow(size)
    guard !overflow, end <= buffer.size else { throw .EINVAL }
    guard case .imported(let dmaBuf) = buffer.origin else {
      return maintain(buffer, offset..<end)
    }
    guard offset == 0, size == buffer.size else { throw .EINVAL }
    if isForDevice {
      try dmaBuf.exporter.endAccess(direction, through: dmaBuf)
    } else {
      try dmaBuf.exporter.beginAccess(direction, through: dmaBuf)
    }
  }

  /// Syncs a range of the device's own mapping, and creates the mapping where there is none.
  private func maintain(_ buffer: MockBuffer, _ range: Range<UInt64>) {
    buffer.mapForDMA()
    if isForDevice {
      buffer.device.log.syncForDevice(buffer.dmaMapping, range)
    } else {
      buffer.device.log.syncForCPU(buffer.dmaMapping, range, direction)
    }
  }

  private var isForDevice: Bool { flags & Self.forDevice != 0 }

  private var direction: DMADirection {
    switch flags & (Self.forRead | Self.forWrite) {
    case Self.forRead: isForDevice ? .toDevice : .fromDevice
    case Self.forWrite: isForDevice ? .fromDevice : .toDevice
    default: .bidirectional
    }
  }
}
