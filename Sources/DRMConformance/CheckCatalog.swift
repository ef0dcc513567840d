// SPDX-License-Identifier: MIT

internal import DRMDrivers

/// All checks, in the order in which they run: those of every driver, then those of each one.
public enum CheckCatalog {
  /// Every check of every file.
  public static let all: [Check] = common + DRMDriver.allCases.flatMap(checks(of:))

  private static let common: [Check] = [
    versionChecks, dispatchChecks, clientNameChecks, handleChecks, syncobjChecks,
    syncobjWaitChecks, timelineChecks, dmaBufChecks, dumbBufferChecks, exporterChecks,
  ].flatMap { $0 }

  private static func checks(of driver: DRMDriver) -> [Check] {
    let own: [[Check]] =
      switch driver {
      case .panthor:
        [
          panthorQueryChecks, panthorCreateChecks, panthorOffsetChecks, mappingChecks(driver),
          panthorSyncArrayChecks, syncRangeChecks(driver), sharingChecks(driver),
          panthorVMChecks, panthorBindChecks, panthorRegisterChecks,
          panthorAsyncBindChecks, panthorSyncChecks(.bind), panthorGroupCreateChecks,
          panthorGroupChecks, panthorSubmitChecks, panthorSyncChecks(.submission),
          panthorJobChecks, panthorHangChecks, labelChecks(driver),
          foreignExporterChecks(driver), maintenanceChecks(driver), panthorMaintenanceChecks,
        ]
      case .panfrost:
        [
          panfrostCreateChecks, panfrostParameterChecks, panfrostBufferChecks,
          panfrostSubmitChecks, panfrostContextChecks, panfrostJobChecks, panfrostHangChecks,
          mappingChecks(driver), panfrostSyncArrayChecks, syncRangeChecks(driver),
          sharingChecks(driver), labelChecks(driver),
          foreignExporterChecks(driver), maintenanceChecks(driver),
        ]
      case .powervr: [powerVRChecks]
      case .vgem: [vgemChecks]
      }
    return own.flatMap { $0 }
  }

  /// Returns the checks whose id matches a pattern.
  ///
  /// A pattern is an id, a prefix of whole parts, or a text in which `*` matches any characters.
  public static func matching(_ pattern: String) -> [Check] {
    all.filter { check in
      check.id == pattern || check.id.hasPrefix(pattern + ".")
        || matches(Substring(check.id), Substring(pattern))
    }
  }

  private static func matches(_ text: Substring, _ pattern: Substring) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    guard first == "*" else {
      return text.first == first && matches(text.dropFirst(), pattern.dropFirst())
    }
    let rest = pattern.dropFirst()
    return text.indices.contains { matches(text[$0...], rest) } || matches("", rest)
  }
}
