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

  /// Returns the checks whose id matches a pattern, in the order in which they run.
  public static func matching(_ pattern: String) -> [Check] {
    let pattern = NamePattern(pattern)
    return all.filter { pattern.matches($0.id) }
  }
}
