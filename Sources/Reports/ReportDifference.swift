// SPDX-License-Identifier: MIT

internal import DRMConformance
internal import DRMDrivers

/// A difference between two reports, in one line or a few.
public struct ReportDifference: Hashable, Sendable, CustomStringConvertible {
  public let description: String
}

extension Report {
  /// Compares two reports: rows pair by id, driver and coherency, the first with the first where there
  /// are several, and must agree in verdict and in everything observed.
  ///
  /// Time, device names and reasons are not compared: they differ from run to run and place to place.
  public func differences(from other: Report) -> [ReportDifference] {
    let mine = rowsByKey()
    let others = other.rowsByKey()
    var found: [ReportDifference] = []
    for key in Set(mine.keys).union(others.keys).sorted() {
      switch (mine[key], others[key]) {
      case (let a?, let b?): found += Self.differences(key, a, b)
      case (_?, nil):
        found.append(ReportDifference(description: "\(key): only in the first report"))
      case (nil, _?):
        found.append(ReportDifference(description: "\(key): only in the second report"))
      case (nil, nil): break
      }
    }
    return found
  }

  private static func differences(
    _ key: RowKey,
    _ a: ResultRow,
    _ b: ResultRow
  ) -> [ReportDifference] {
    var lines: [String] = []
    if a.verdict != b.verdict {
      lines.append("verdict \(a.verdict.rawValue) | \(b.verdict.rawValue)")
    }
    for index in 0..<max(a.observed.count, b.observed.count) {
      let left = index < a.observed.count ? a.observed[index] : "nothing"
      let right = index < b.observed.count ? b.observed[index] : "nothing"
      if left != right { lines.append("observed \(left) | \(right)") }
    }
    return lines.map { ReportDifference(description: "\(key): \($0)") }
  }

  private func rowsByKey() -> [RowKey: ResultRow] {
    var rows: [RowKey: ResultRow] = [:]
    for row in results {
      var key = RowKey(id: row.id, driver: row.driver, coherent: row.coherent, ordinal: 1)
      // Devices that do not say whether they are coherent may be several of one kind.
      while rows[key] != nil { key.ordinal += 1 }
      rows[key] = row
    }
    return rows
  }
}

/// What makes two rows the same check of the same kind of device.
private struct RowKey: Hashable, Comparable, CustomStringConvertible {
  let id: String
  let driver: String
  let coherent: Bool?
  var ordinal: Int

  var description: String {
    let coherency = DeviceDescription.text(isCoherent: coherent)
    return "\(id) (\(driver), \(coherency)\(ordinal > 1 ? ", device \(ordinal)" : ""))"
  }

  static func < (left: RowKey, right: RowKey) -> Bool {
    left.description < right.description
  }
}
