// SPDX-License-Identifier: MIT

internal import Litmus

/// Searches for repairs: proposes edits, and examines the edited script.
struct RepairSearch {
  private let script: Script
  private let platform: Platform
  private let limits: Explorer.Limits
  private var visits = 0

  // Findings of other reads are compared by name only in scripts of at most so many operations; in longer ones, the
  // reads themselves are.
  private static let mostNamedOperations = 2000
  // A protocol with syncs and waits at every place is tried only for scripts of at most so many steps.
  private static let mostProtocolSteps = 200

  init(_ script: Script, _ platform: Platform, _ limits: Explorer.Limits) {
    self.script = script
    self.platform = platform
    self.limits = limits
  }

  private var isExhausted: Bool { visits >= limits.repairVisits }

  /// A script with its examination, as the base of edits.
  private struct Base {
    let edited: EditedScript
    let examination: Examination
    let ids: Set<FindingID>
    let named: Set<ReadID>
    let times: Lifetimes
  }

  private func base(_ edited: EditedScript, _ examination: Examination) -> Base {
    Base(
      edited: edited, examination: examination, ids: examination.ids,
      named: Set(examination.faults.map(\.suspicion.read)), times: Lifetimes(edited.script))
  }

  /// Searches for a repair of each finding, and then of all together.
  mutating func repairs(of exploration: Exploration) -> Repairs {
    var repairs = Repairs()
    guard !exploration.findings.isEmpty else { return repairs }
    let examination = examine(script, mostReads: limits.findings)
    let base = base(EditedScript(script), examination)
    var found: [[ScriptEdit]] = []
    for finding in exploration.findings {
      let target = Target(finding, in: examination)
      if let edits = repair(of: target, base) {
        found.append(edits)
        let reason = RepairText(script, platform).reason(edits, for: finding.name)
        repairs.outcomes.append(.repair(Repair(edits: edits, reason: reason)))
      } else {
        repairs.outcomes.append(.unrepaired(isExhausted ? .bound : reason(target, base)))
      }
    }
    if !found.isEmpty { repairs.combination = combination(found, base) }
    if let all = repairs.combination, all.isProved, isWhole(all) {
      // What proves the script removes every finding.
      let reason = RepairText(script, platform).reason(all.edits)
      repairs.outcomes = repairs.outcomes.map { outcome in
        if case .repair = outcome {
          outcome
        } else {
          .repair(Repair(edits: all.edits, reason: reason))
        }
      }
    }
    if isExhausted { repairs.exceededBound = limits.repairVisits }
    return repairs
  }

  /// Whether the edits alone, without the order in which they were found, lead to the repaired script.
  private func isWhole(_ all: Repairs.Combination) -> Bool {
    var edited = EditedScript(script)
    edited.apply(all.edits)
    return ScriptWriter(edited.script).text == ScriptWriter(all.script).text
  }

  private mutating func examine(
    _ script: Script, mostReads: Int, namesOf: Set<ReadID>? = nil
  ) -> Examination {
    let examination = Examination(
      script, on: platform, mostVisits: limits.visits, mostReads: mostReads, namesOf: namesOf)
    visits += examination.analysis.visits + examination.searchVisits + 4 * script.steps.count
    return examination
  }

  /// A finding to repair.
  private struct Target {
    let id: FindingID
    let fault: Investigator.Fault?
    let finding: Finding?

    init(_ finding: Finding, in examination: Examination) {
      id = finding.id
      fault = examination.faults.first { $0.id == finding.id }
      self.finding = finding
    }

    init(_ fault: Investigator.Fault) {
      id = fault.id
      self.fault = fault
      finding = nil
    }

    var read: ReadID? {
      if case .read(let read) = id.place { read } else { nil }
    }
  }

  // MARK: One finding

  private mutating func repair(of target: Target, _ base: Base) -> [ScriptEdit]? {
    let script = base.edited.script
    let candidates = RepairCandidates(
      script: script, platform: platform, examination: base.examination, times: base.times)
    var tried: Set<String> = []
    let proposed =
      target.fault.map { candidates.candidates(for: $0) }
      ?? target.finding.map { candidates.candidates(for: $0) } ?? []
    for edits in proposed where tried.insert(Self.key(edits, script)).inserted {
      guard !isExhausted else { return nil }
      guard removes(target, edits, base) else { continue }
      let distinct = Self.distinct(edits, script)
      return distinct.contains(where: \.isHalf) ? distinct : minimal(distinct, target, base)
    }
    guard script.steps.count <= Self.mostProtocolSteps, let fault = target.fault else { return nil }
    for edits in candidates.protocols(for: fault) {
      guard !isExhausted else { return nil }
      if removes(target, edits, base) {
        return minimal(Self.distinct(edits, script), target, base)
      }
    }
    return nil
  }

  /// Drops edits as long as the rest still removes the finding.
  private mutating func minimal(
    _ edits: [ScriptEdit], _ target: Target, _ base: Base
  ) -> [ScriptEdit] {
    var kept = ScriptEdit.units(edits)
    for size in [max(kept.count / 2, 1), max(kept.count / 4, 1), 1] {
      var start = 0
      while start < kept.count, kept.count > 1, !isExhausted {
        var fewer = kept
        fewer.removeSubrange(start..<min(start + size, kept.count))
        if !fewer.isEmpty, removes(target, Array(fewer.joined()), base) {
          kept = fewer
        } else {
          start += size
        }
      }
    }
    return Array(kept.joined())
  }

  /// Leaves out the edits that have no effect: equal ones, further moves of a step, and later waits for a job.
  private static func distinct(_ edits: [ScriptEdit], _ script: Script) -> [ScriptEdit] {
    let writer = ScriptWriter(script)
    var keys: Set<String> = []
    var moved: Set<Int> = []
    var first: [Int: Int] = [:]
    for edit in edits {
      if case .insert(.wait(let job)) = edit.change {
        first[job] = min(first[job] ?? .max, edit.step)
      }
    }
    return edits.filter { edit in
      if case .move = edit.change { return moved.insert(edit.step).inserted }
      if case .insert(.wait(let job)) = edit.change, edit.step != first[job] { return false }
      return keys.insert(key(edit, writer)).inserted
    }
  }

  private static func key(_ edits: [ScriptEdit], _ script: Script) -> String {
    let writer = ScriptWriter(script)
    return edits.map { key($0, writer) }.joined(separator: "\n")
  }

  private static func key(_ edit: ScriptEdit, _ writer: ScriptWriter) -> String {
    switch edit.change {
    case .insert(let action): "i\(edit.step) \(writer.text(of: action))"
    case .replace(let action): "r\(edit.step) \(writer.text(of: action))"
    case .move(let target): "m\(edit.step) \(target)"
    case .remove: "d\(edit.step)"
    }
  }

  /// Whether edits remove a finding and add none.
  private mutating func removes(
    _ target: Target, _ edits: [ScriptEdit], _ base: Base
  ) -> Bool {
    let isSmall = base.examination.program.operations.count <= Self.mostNamedOperations
    if !isSmall, !base.times.allows(edits) { return false }
    var local = EditedScript(base.edited.script)
    local.apply(edits)
    let script = local.script
    if isSmall, !Lifetimes.isValid(script) { return false }
    let examination = examine(script, mostReads: isSmall ? limits.findings : 0)
    let analysis = examination.analysis
    guard !analysis.isExhausted, analysis.contradictions.isEmpty,
      examination.program.obstacle == nil || base.examination.program.obstacle != nil
    else { return false }
    let badReads = analysis.badReads.map { local.original($0) }
    let old = base.examination.analysis.badReads
    guard badReads.allSatisfy({ $0.map(old.contains) ?? false }) else { return false }
    guard isSmall else {
      let read = target.read.flatMap { local.edited($0) }
      let isRace = target.fault?.name == .missingWait
      return !analysis.suspicions.contains { $0.read == read && ($0.isRace || !isRace) }
        && examination.others.allSatisfy {
          known($0.id, in: local, base).map { $0 != target.id } ?? false
        }
    }
    // A read without a schedule has no name, and counts as before.
    let nameless = Set(examination.analysis.badReads).subtracting(
      examination.faults.map(\.suspicion.read))
    if let read = target.read.flatMap({ local.edited($0) }), nameless.contains(read) {
      return false
    }
    return examination.ids.allSatisfy { id in
      guard let known = local.original(id), known != target.id else { return false }
      if case .read(let read) = known.place, !base.named.contains(read) { return true }
      return base.ids.contains(known)
    }
  }

  /// Returns the identity of a finding in the base; nil where the base does not have it.
  private func known(_ id: FindingID, in local: EditedScript, _ base: Base) -> FindingID? {
    local.original(id).flatMap { base.ids.contains($0) ? $0 : nil }
  }

  /// Returns the reason why a finding has no repair.
  private func reason(_ target: Target, _ base: Base) -> NoRepair {
    guard let fault = target.fault else { return .call }
    guard script.steps.count <= Self.mostProtocolSteps else { return .notFound }
    switch fault.name {
    case .falseSharingLine, .deviceWriteLost: return .sharedLine
    case .missingWait where base.examination.investigator.names(fault.suspicion.read): return .order
    default: return .useless
    }
  }

  // MARK: All findings

  private mutating func combination(
    _ found: [[ScriptEdit]], _ base: Base
  ) -> Repairs.Combination? {
    var union = EditedScript(script)
    union.apply(found.flatMap { $0 })
    if Lifetimes.isValid(union.script), examine(union.script, mostReads: 0).isProved {
      return .init(edits: union.edits, script: union.script, isProved: true, isUnion: true)
    }
    // There are further findings, or together the repairs hinder each other: repair what is left after them.
    var current = applied(found.flatMap { $0 }, base) ?? base
    var isProved = false
    while !isExhausted, let next = improved(current) {
      current = next
      isProved = next.examination.isProved
      if isProved { break }
    }
    let edits = current.edited.edits
    guard !edits.isEmpty else { return nil }
    return .init(
      edits: edits, script: current.edited.script, isProved: isProved,
      isUnion: false)
  }

  /// Applies the repairs of a script's findings, all at once or else the first; nil where there are none.
  private mutating func improved(_ base: Base) -> Base? {
    let targets =
      base.examination.others.map { Target($0, in: base.examination) }
      + base.examination.faults.map { Target($0) }
    var found: [[ScriptEdit]] = []
    for target in targets where !isExhausted {
      if let edits = repair(of: target, base) { found.append(edits) }
    }
    guard let first = found.first else { return nil }
    if found.count > 1, let all = applied(found.flatMap { $0 }, base) { return all }
    return applied(first, base)
  }

  /// Applies edits to a base; nil where they make a step invalid, or another read wrong.
  private mutating func applied(_ edits: [ScriptEdit], _ base: Base) -> Base? {
    var edited = base.edited
    edited.apply(edits)
    guard Lifetimes.isValid(edited.script) else { return nil }
    let examination = examine(edited.script, mostReads: limits.findings)
    let bad = base.examination.analysis.badReads.map { base.edited.original($0) }
    guard examination.analysis.contradictions.isEmpty,
      examination.analysis.badReads.allSatisfy({ bad.contains(edited.original($0)) })
    else { return nil }
    return self.base(edited, examination)
  }
}
