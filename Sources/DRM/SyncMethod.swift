// SPDX-License-Identifier: MIT

internal import DRMDrivers

/// Who carries out a sync of a BO that the CPU has mapped.
public enum SyncMethod: String, CaseIterable, Hashable, Sendable {
  /// The driver, by its ioctl: BO_SYNC, SYNC_BO. Drivers refuse it for an imported BO.
  case ioctl
  /// The exporter, by its dma-buf: the whole BO, after a wait for the device.
  case dmaBuf = "dma_buf"
  /// The CPU, by its own instructions: no system call, and nobody asks whether the device snoops.
  case userland
}

extension BufferObject {
  /// Syncs a byte range by one method, and by no other.
  ///
  /// ``sync(_:_:)`` and ``BufferMapping/maintain(_:_:)`` are the ways to take where the method is known when
  /// the program is written. This one is for who compares methods, or chooses by ``UserlandCaches/lineSize``.
  /// By ``SyncMethod/dmaBuf`` a BO that is no import is exported for the call: who does that often keeps the
  /// ``DMABuf`` and calls ``DMABuf/sync(_:)``.
  ///
  /// - Parameters:
  ///   - mapping: a mapping of this BO; only ``SyncMethod/userland`` looks at it.
  /// - Throws: EINVAL for a range that ends past the BO, for a driver's call on an imported BO, and for the
  ///   export of an exclusive one; `outOfRange` and `noUserlandMaintenance` by userland; `needs` and
  ///   `notOffered` where the driver has no such call.
  public func sync(
    _ kind: SyncKind, _ range: Range<UInt64>, by method: SyncMethod,
    mapped mapping: borrowing BufferMapping
  ) throws(DRMError) {
    switch method {
    case .ioctl: try syncByDriver(kind, range)
    case .dmaBuf: try syncByExporter(kind, range)
    case .userland: try mapping.maintain(kind, range)
    }
  }

  /// Asks the driver alone for a sync, also of an imported BO, which it refuses with EINVAL: one ioctl.
  public func syncByDriver(_ kind: SyncKind, _ range: Range<UInt64>) throws(DRMError) {
    try driver.require(.explicitSync, .syncBuffer, in: file)
    try check(driver.syncCall?.issue(kind, range, of: handle, in: file) ?? 0)
  }

  /// Asks the driver alone for a sync in the form of the series, also of an imported BO.
  public func syncByDriver(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>
  ) throws(DRMError) {
    try driver.require(.explicitSync, .syncBuffer, in: file)
    if SyncKind(for: accessor, access) == nil { try requireInBounds(range) }
    try check(
      driver.syncCall?.issue(for: accessor, access, range, of: handle, in: file) ?? 0)
  }

  private func syncByExporter(_ kind: SyncKind, _ range: Range<UInt64>) throws(DRMError) {
    try requireInBounds(range)
    guard let source else {
      let dmaBuf = try export()
      return try dmaBuf.sync(kind)
    }
    try source.dmaBuf.sync(kind)
  }
}
