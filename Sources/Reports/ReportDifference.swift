// SPDX-License-Identifier: MIT

internal import DRMConformance
internal import DRMDrivers

/// A difference between two reports, in one line.
public struct ReportDifference: Hashable, Sendable, CustomStringConvertible {
  public let description: String
}

extension Report {
  /// Compares the verdicts and observations of two reports.
  ///
  /// Rows pair by id, driver and coherency; of several equal rows, the first pairs with the first. Times,
  /// device names and reasons are not compared, as they differ between runs and machines.
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
      // Several devices of one kind have the same key.
      while rows[key] != nil { key.ordinal += 1 }
      rows[key] = row
    }
    return rows
  }
}

/// The key by which rows pair: a check on a kind of device.
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
