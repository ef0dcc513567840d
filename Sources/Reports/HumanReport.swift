// SPDX-License-Identifier: MIT

public import DRMConformance
public import DRMDrivers

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
    "\(device.label): \(device.driver) \(device.version), \(device.coherencyText), "
      + "\(device.location.rawValue), kernel \(device.kernel), \(device.pageSize / 1024) KiB pages\n"
      + (device.caveat.map { "  note: \($0)\n" } ?? "")
  }

  /// Returns the lines of a check; none for a passed check that is not listed.
  public func lines(_ result: CheckResult, _ check: Check?) -> String {
    lines(result, statement: check?.statement ?? "")
  }

  /// Returns the lines of a result with its statement; an empty statement has no line.
  public func lines(_ result: CheckResult, statement: String) -> String {
    guard result.verdict != .pass || isVerbose else { return "" }
    var text = "  \(painted(result.verdict)) \(result.id)"
    guard result.verdict != .pass else { return text + "\n" }
    text += ": \(result.reason ?? "no reason given")\n"
    guard result.verdict == .fail else { return text }
    if !statement.isEmpty { text += "       \(statement)\n" }
    for (name, lines) in [("expected", result.expected), ("observed", result.observed)]
    where !lines.isEmpty {
      text += "       \(name)  \(lines.joined(separator: "; "))\n"
    }
    return text
  }

  /// Returns the last line: the number of results with each verdict.
  public func summary(_ results: [ResultRow]) -> String {
    func count(_ verdicts: Verdict...) -> Int {
      results.count { verdicts.contains($0.verdict) }
    }
    var text =
      "\(count(.pass)) passed, \(count(.fail, .crash, .timeout)) failed, \(count(.skip)) skipped"
    let unfinished = count(.incomplete, .undecided)
    if unfinished > 0 { text += ", \(unfinished) incomplete" }
    return text + "\n"
  }

  private func painted(_ verdict: Verdict) -> String {
    let word =
      verdict == .pass || verdict == .skip ? verdict.rawValue : verdict.rawValue.uppercased()
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
