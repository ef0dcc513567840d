// SPDX-License-Identifier: MIT

/// The drivers this client speaks to, one line each.
enum DriverRegistry {
  private static let drivers: [@Sendable (DriverIdentity) -> (any Driver)?] = [
    { PanthorDriver($0) },
    { PanfrostDriver($0) },
    { PowerVRDriver($0) },
    { VGEMDriver($0) },
  ]

  /// Answers the driver that speaks to a node of that identity, nil where there is none.
  static func driver(for identity: DriverIdentity) -> (any Driver)? {
    for driver in drivers {
      if let match = driver(identity) { return match }
    }
    return nil
  }
}
