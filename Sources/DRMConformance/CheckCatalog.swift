// SPDX-License-Identifier: MIT

/// All checks, in the order they run.
public enum CheckCatalog {
  /// Every check of every file.
  public static let all: [Check] = [
    versionChecks, dispatchChecks, clientNameChecks, handleChecks, syncobjChecks,
    syncobjWaitChecks, timelineChecks, dmaBufChecks,
    dumbBufferChecks, exporterChecks,
    panthorQueryChecks, panthorCreateChecks, panthorOffsetChecks, mappingChecks("panthor"),
    panthorSyncArrayChecks, syncRangeChecks("panthor"), sharingChecks("panthor"),
    panthorVMChecks, panthorBindChecks, panthorRegisterChecks,
    panthorAsyncBindChecks, panthorSyncChecks(.bind), panthorGroupCreateChecks, panthorGroupChecks,
    panthorSubmitChecks, panthorSyncChecks(.submission), panthorJobChecks, panthorHangChecks,
    labelChecks("panthor"),
    panfrostCreateChecks, panfrostParameterChecks, panfrostBufferChecks, panfrostSubmitChecks,
    panfrostContextChecks, panfrostJobChecks, panfrostHangChecks,
    mappingChecks("panfrost"), panfrostSyncArrayChecks, syncRangeChecks("panfrost"),
    sharingChecks("panfrost"), labelChecks("panfrost"),
    foreignExporterChecks("panthor"), foreignExporterChecks("panfrost"),
    maintenanceChecks("panthor"), panthorMaintenanceChecks, maintenanceChecks("panfrost"),
    powerVRChecks,
  ].flatMap { $0 }

  /// Answers the checks whose id matches a pattern: an id, a prefix of whole parts, or `*` for any run
  /// of characters.
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
