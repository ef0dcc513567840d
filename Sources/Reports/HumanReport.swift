// SPDX-License-Identifier: MIT

internal import DRMConformance
public import DRMDrivers
internal import DRMKernel

/// The text of a run of checks for people, line by line during the run.
public struct HumanReport: Sendable {
  private let isColoured: Bool
  private let isVerbose: Bool

  /// Creates a report; passed checks are listed only when `isVerbose`.
  public init(isColoured: Bool, isVerbose: Bool) {
    self.isColoured = isColoured
    self.isVerbose = isVerbose
  }

  /// Returns the line above the results of a device.
  public func heading(_ device: DeviceDescription) -> String {
    let text =
      "\(device.label): \(device.driver) \(device.version), \(device.coherencyText), "
      + "\(device.location.rawValue), kernel \(device.kernel), \(device.pageSize / 1024) KiB pages"
    return text.printable + "\n" + (device.caveat.map { "  note: \($0.printable)\n" } ?? "")
  }

  /// Returns the lines of a result with its statement; an empty statement has no line.
  ///
  /// A passed result has none where passed ones are not listed, but for a flaky one. What a script observed is listed
  /// for each result of a verbose report; its first failure is the reason.
  public func lines(_ result: ResultRow, statement: String) -> String {
    guard result.verdict != .pass || isVerbose || result.isFlaky else { return "" }
    let steps = result.steps == nil || !isVerbose ? [] : result.observed
    return lines(result, statement) + steps.map { "       \($0.printable)\n" }.joined()
  }

  private func lines(_ result: ResultRow, _ statement: String) -> String {
    var text = "  \(painted(result.verdict)) \(result.id.printable)"
    if result.verdict == .pass {
      return text + (result.isFlaky ? ": \((result.reason ?? "").printable)" : "") + "\n"
    }
    text += ": \((result.reason ?? "no reason given").printable)\n"
    guard result.verdict == .fail else { return text }
    if !statement.isEmpty { text += "       \(statement.printable)\n" }
    for (name, lines) in [("expected", result.expected), ("observed", result.observed)]
    where !lines.isEmpty && result.steps == nil {
      text += "       \(name)  \(lines.joined(separator: "; ").printable)\n"
    }
    return text
  }

  /// Returns the lines of skipped results: one for each, or one for all with the same reason.
  public func skips(_ results: [ResultRow]) -> String {
    guard !isVerbose else { return results.map { lines($0, statement: "") }.joined() }
    let groups = Dictionary(grouping: results) { $0.reason }
    var text = ""
    var shown: Set<String?> = []
    for result in results where shown.insert(result.reason).inserted {
      guard let group = groups[result.reason], group.count > 1 else {
        text += lines(result, statement: "")
        continue
      }
      let reason = (result.reason ?? "no reason given").printable
      text += "  \(group.count) \(painted("skipped", .skip)): \(reason)\n"
    }
    return text
  }

  /// Returns the slowest results, the slowest first.
  public func durations(_ results: [ResultRow], most count: Int) -> String {
    let slowest = results.sorted { $0.seconds > $1.seconds }.prefix(count)
    let lines = slowest.map { row in
      let milliseconds = String(Int((row.seconds * 1000).rounded()))
      let column = String(repeating: " ", count: max(0, 9 - milliseconds.count)) + milliseconds
      return "\(column) ms  \(row.id) (\(row.device))".printable + "\n"
    }
    return lines.isEmpty ? "" : "the slowest:\n" + lines.joined()
  }

  /// Returns the number of results with each verdict, and the time that they took.
  ///
  /// - Parameter missing: the number of results that an interrupt prevented.
  public func summary(_ results: [ResultRow], missing: Int = 0, _ time: Duration) -> String {
    func count(_ verdicts: Verdict...) -> Int {
      results.count { verdicts.contains($0.verdict) }
    }
    var text =
      "\(count(.pass)) passed, \(count(.fail, .crash, .timeout)) failed, \(count(.skip)) skipped"
    let flaky = results.count { $0.isFlaky }
    if flaky > 0 { text += ", \(flaky) flaky" }
    let unfinished = count(.incomplete, .undecided)
    if unfinished > 0 { text += ", \(unfinished) incomplete" }
    if missing > 0 { text += ", \(missing) not run" }
    let tenths = Int((time / .milliseconds(100)).rounded())
    return text + " in \(tenths / 10).\(tenths % 10) s\n"
  }

  private func painted(_ verdict: Verdict) -> String {
    let word =
      verdict.isGood ? verdict.rawValue : verdict.rawValue.uppercased()
    return painted(word, verdict)
  }

  private func painted(_ word: String, _ verdict: Verdict) -> String {
    guard isColoured else { return word }
    let colour =
      switch verdict {
      case .pass: "32"
      case .skip: "33"
      default: "31;1"
      }
    return "\u{1b}[\(colour)m\(word)\u{1b}[0m"
  }
}

extension DeviceDescription {
  /// `non-coherent (selected_coherency)`.
  public var coherencyText: String {
    "\(coherency) (\(coherencyOrigin))"
  }
}
