// SPDX-License-Identifier: MIT

/// The drivers this client speaks to, one line each.
enum DriverRegistry {
  private static let drivers: [@Sendable (DriverIdentity, SyncDialect) -> (any Driver)?] = [
    { PanthorDriver($0, $1) },
    { PanfrostDriver($0, $1) },
    { identity, _ in PowerVRDriver(identity) },
    { identity, _ in VGEMDriver(identity) },
  ]

  /// Answers the driver that speaks to a node of that identity, nil where there is none.
  static func driver(for identity: DriverIdentity, _ dialect: SyncDialect) -> (any Driver)? {
    for driver in drivers {
      if let match = driver(identity, dialect) { return match }
    }
    return nil
  }
}
