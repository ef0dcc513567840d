// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import LitmusExplorer
internal import Litmus

/// Checks the repairs and the advice for one script, by the explorer and by brute-force enumeration.
///
/// Each repair removes its finding and adds none; all together prove the script, where each finding has one; and
/// the script is proved without the redundant syncs that can go together.
struct RepairCheck {
  /// The first claim that does not hold; nil where all hold.
  private(set) var fault: String?
  /// For each finding, its name and `repaired`, or the reason why it has no repair.
  private(set) var outcomes: [String] = []

  private let script: Script
  private let mock: MockPlatform
  private let platform: Platform

  init(_ script: Script, _ mock: MockPlatform) {
    self.script = script
    self.mock = mock
    platform = Comparison.platform(mock)
    do throws(ScriptError) {
      let exploration = try Explorer().explore(script, on: platform)
      try check(Explorer().repairs(of: exploration, of: script, on: platform), exploration)
      try check(exploration.advice)
    } catch {
      fault = "\(error)"
    }
  }

  private mutating func check(
    _ repairs: Repairs, _ exploration: Exploration
  ) throws(ScriptError) {
    guard repairs.outcomes.count == exploration.findings.count else {
      return note("\(repairs.outcomes.count) outcomes, \(exploration.findings.count) findings")
    }
    var isComplete = exploration.furtherReads == 0 && !repairs.outcomes.isEmpty
    for (finding, outcome) in zip(exploration.findings, repairs.outcomes) {
      switch outcome {
      case .unrepaired(let reason):
        outcomes.append("\(finding.label) without: \(reason.rawValue)")
        isComplete = false
      case .repair(let repair):
        outcomes.append("\(finding.label) repaired")
        try check(repair, finding, exploration)
      }
    }
    guard let all = repairs.combination else {
      if isComplete { note("no combination") }
      return
    }
    if all.isProved || isComplete { prove(all.script, "all repairs together") }
    if isComplete { outcomes.append(all.isUnion ? "ALL by union" : "ALL by other repairs") }
  }

  private mutating func check(
    _ repair: Repair, _ finding: Finding, _ exploration: Exploration
  ) throws(ScriptError) {
    let platform = platform
    let edited = try Repairs.findings(of: script, after: repair.edits) {
      (script) throws(ScriptError) in try Explorer().explore(script, on: platform)
    }
    let known = Set(exploration.findings.map(\.id))
    if edited.findings.contains(finding.id) { note("\(finding.label) is still there") }
    for id in edited.findings where id.map({ !known.contains($0) }) ?? true {
      note("the repair of \(finding.label) adds \(id.map { $0.label } ?? "a finding of its own")")
    }
    for read in edited.badReads where read.map({ !exploration.badReads.contains($0) }) ?? true {
      note("the repair of \(finding.label) makes a read wrong")
    }
    agree(edited.script, "the repair of \(finding.label)")
  }

  private mutating func check(_ advice: SyncAdvice?) throws(ScriptError) {
    guard let advice, let set = advice.removable else { return }
    outcomes.append(set.isLargest ? "REMOVABLE largest" : "REMOVABLE greedy")
    prove(advice.removing(set, from: script), "without redundant syncs")
  }

  /// Reads the script that the writer writes, and compares explorer and enumeration on it.
  private mutating func agree(_ edited: Script, _ what: String) {
    if let verdict = verdict(edited, what),
      let difference = Comparison(verdict.script, mock, verdict.verdict).disagreement
    {
      note("\(what): \(difference)")
    }
  }

  private mutating func prove(_ edited: Script, _ what: String) {
    guard let (script, verdict) = verdict(edited, what) else { return }
    if !verdict.isProved { note("\(what): \(verdict.summary)") }
    let found = try? Explorer().explore(script, on: platform)
    if found?.verdict != .proved { note("\(what): the explorer does not prove it") }
  }

  private mutating func verdict(
    _ edited: Script, _ what: String
  ) -> (script: Script, verdict: Verdict)? {
    do throws(ScriptError) {
      let script = try ScriptReader.read(path: "repaired", text: ScriptWriter(edited).text)
      return (script, Enumerator.verdict(on: script, mock))
    } catch {
      note("\(what): the written script is refused: \(error)")
      return nil
    }
  }

  private mutating func note(_ what: String) {
    if fault == nil { fault = what }
  }
}
