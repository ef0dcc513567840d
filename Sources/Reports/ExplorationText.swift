// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The text of explorations for people.
public enum ExplorationText {
  // Of a longer timeline only the last events are shown.
  private static let mostEvents = 30

  /// Returns the text of a row: one line for a proof, and a timeline for each finding.
  public static func lines(_ row: ExplorationRow, hasTimelines: Bool = true) -> String {
    var lines = ["\(row.script) on \(row.device): \(summary(row))"]
    for finding in row.findings {
      lines += ["  \(finding.name) \(finding.position)", "    \(finding.text)"]
      if let advice = finding.advice { lines.append("    repair: \(advice)") }
      if hasTimelines { lines += timeline(finding) }
      if let replay = finding.replay { lines.append("    on the mock: \(replay)") }
    }
    if row.furtherReads > 0 { lines.append("  and \(row.furtherReads) more reads, not shown") }
    for advice in row.advice ?? [] {
      lines += ["  \(advice.name) \(advice.position)", "    \(advice.text)"]
    }
    return lines.map { $0.printable + "\n" }.joined()
  }

  private static func summary(_ row: ExplorationRow) -> String {
    switch row.verdict {
    case "proved":
      let advice = row.advice == nil ? "; too long for advice" : ""
      return "proved, \(row.reads) \(row.reads == 1 ? "read" : "reads")\(advice)"
    case "finding":
      return row.badReads == 0
        ? "a call returns something else than the script expects"
        : "\(row.badReads) of \(row.reads) reads can go wrong"
    default: return "\(row.verdict), \(row.reason ?? "")"
    }
  }

  private static func timeline(_ finding: FindingRow) -> [String] {
    guard !finding.timeline.isEmpty else { return [] }
    let left = max(finding.timeline.count - mostEvents, 0)
    let rows = finding.timeline.dropFirst(left)
    let width = rows.reduce(4) { max($0, $1.what.count) }
    let cacheWidth = rows.reduce(5) { max($0, $1.cache.count) }
    func line(_ number: String, _ what: String, _ cache: String, _ memory: String) -> String {
      let place = String(repeating: " ", count: max(0, 6 - number.count)) + number
      return "    \(place)  \(padded(what, width))  \(padded(cache, cacheWidth))  \(memory)"
    }
    var lines = [line("line", "what", "cache", "memory")]
    if left > 0 { lines.append(line("", "(\(left) events before)", "", "")) }
    for row in rows {
      lines.append(line(row.line.map { "\($0)" } ?? "", row.what, row.cache, row.memory))
    }
    return lines
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
