// SPDX-License-Identifier: MIT

internal import DRMKernel

/// A sync of the series' fourth version: for whom, and for which accesses of theirs.
///
/// The word that came to be an operation's type was `flags` there; both Mali drivers took it alike.
struct ProposedSync {
  private static let forDevice: UInt32 = 1
  private static let forRead: UInt32 = 2
  private static let forWrite: UInt32 = 4

  private let flags: UInt32

  /// Reads the flags, before the handle: EINVAL where one is unknown.
  init(flags: UInt32) throws(Errno) {
    guard flags & ~(Self.forDevice | Self.forRead | Self.forWrite) == 0 else { throw .EINVAL }
    self.flags = flags
  }

  private init(known flags: UInt32) { self.flags = flags }

  /// What a dma-buf's hook is at the begin of an access by the CPU; nil where it has nothing to do.
  static func begin(_ direction: DMADirection) -> ProposedSync? {
    switch direction {
    case .fromDevice: ProposedSync(known: forRead)
    case .bidirectional: ProposedSync(known: forRead | forWrite)
    case .toDevice: nil
    }
  }

  /// The same at the end.
  static func end(_ direction: DMADirection) -> ProposedSync? {
    switch direction {
    case .toDevice: ProposedSync(known: forDevice | forRead)
    case .bidirectional: ProposedSync(known: forDevice | forRead | forWrite)
    case .fromDevice: nil
    }
  }

  /// Checks in the order of the proposed helper, and syncs; an import is left to its exporter, as a whole.
  func perform(on buffer: MockBuffer, offset: UInt64, size: UInt64) throws(Errno) {
    guard flags & (Self.forRead | Self.forWrite) != 0 else { return }
    // Imports count as cached: nobody knows how their exporter maps them.
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

  /// Syncs by the device's own mapping, which is made if it is not there.
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
