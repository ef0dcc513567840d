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
      if let advice = finding.advice {
        lines.append("    \(finding.repair == nil ? "no repair" : "repair"): \(advice)")
      }
      if hasTimelines { lines += timeline(finding) }
      if let replay = finding.replay { lines.append("    on the mock: \(replay)") }
    }
    if row.furtherReads > 0 { lines.append("  and \(row.furtherReads) more reads, not shown") }
    if let all = row.combinedRepair, row.findings.count + row.furtherReads > 1 {
      lines.append("  all together: \(together(all, row))")
    }
    for advice in row.advice ?? [] {
      lines += ["  \(advice.name) \(advice.position)", "    \(advice.text)"]
    }
    if let removable = row.removable { lines.append("  \(removable.text)") }
    lines += row.bounds.map { "  \($0)" }
    return lines.map { $0.printable + "\n" }.joined()
  }

  private static func together(_ all: CombinedRepairRow, _ row: ExplorationRow) -> String {
    let result = all.isProved ? "the script is proved" : "the script is not proved yet"
    guard !all.isUnion else { return "with these repairs \(result)" }
    let edits = all.edits.count > 8 ? "\(all.edits.count) edits" : "the edits: \(all.text)"
    return "\(result) with \(edits)"
  }

  private static func summary(_ row: ExplorationRow) -> String {
    switch row.verdict {
    case "proved":
      guard row.reads > 0 else { return "nothing to prove: the script reads nothing" }
      return "proved, \(row.reads) \(row.reads == 1 ? "read" : "reads")"
    case "finding":
      return row.badReads == 0
        ? "every read is right, and \(row.findings.count == 1 ? "a call is" : "calls are") not"
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
