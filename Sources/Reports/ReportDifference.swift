// SPDX-License-Identifier: MIT

internal import DRMConformance

/// A difference between two reports, in one line or a few.
public struct ReportDifference: Hashable, Sendable, CustomStringConvertible {
  public let description: String
}

extension Report {
  /// Compares two reports: rows pair by id, driver and coherency, and must agree in verdict and in
  /// everything observed.
  ///
  /// Time, device names and reasons are not compared: they differ from run to run and place to place.
  public func differences(from other: Report) -> [ReportDifference] {
    let (mine, mineTwice) = rowsByKey()
    let (others, othersTwice) = other.rowsByKey()
    var found: [ReportDifference] = []
    for (key, side) in mineTwice.map({ ($0, "first") }) + othersTwice.map({ ($0, "second") }) {
      found.append(ReportDifference(description: "\(key): more than one row in the \(side) report"))
    }
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

  private func rowsByKey() -> (rows: [RowKey: ResultRow], twice: [RowKey]) {
    var rows: [RowKey: ResultRow] = [:]
    var twice: [RowKey] = []
    for row in results {
      let key = RowKey(row)
      if rows.updateValue(row, forKey: key) != nil { twice.append(key) }
    }
    return (rows, twice.sorted())
  }
}

/// What makes two rows the same check of the same kind of device.
private struct RowKey: Hashable, Comparable, CustomStringConvertible {
  let id: String
  let driver: String
  let coherent: Bool?

  init(_ row: ResultRow) {
    id = row.id
    driver = row.driver
    coherent = row.coherent
  }

  var description: String {
    let coherency =
      switch coherent {
      case true?: "coherent"
      case false?: "non-coherent"
      case nil: "coherency unknown"
      }
    return "\(id) (\(driver), \(coherency))"
  }

  static func < (left: RowKey, right: RowKey) -> Bool {
    left.description < right.description
  }
}
