// SPDX-License-Identifier: MIT

internal import Litmus

/// Checks for each sync of a proved script whether the script is proved without it or with a smaller range.
struct Advisor {
  private let script: Script
  private let platform: Platform
  private let transitions: LineTransitions
  private let mostVisits: Int
  private let syncs: [Sync]
  // The operations that affect each memory.
  private var operations: [Int: [Int]] = [:]
  private var visits = 0
  // The BOs that a step unmaps or closes: a sync by cache instructions can be what maps them.
  private let unmapped: Set<Int>

  // So many syncs are tried in every combination; more of them one after the other.
  private static let mostCombined = 8

  private struct Sync {
    let id: SyncID
    let buffer: Int
    let range: Range<UInt64>
    let isBracket: Bool
    let position: SourcePosition
    /// The END that goes with a START.
    let end: SourcePosition?
    /// Its maintenance; nil where the sync also does something that later steps depend on.
    var maintenance: [Int]?
  }

  init(_ script: Script, _ platform: Platform, _ examination: Examination, mostVisits: Int) {
    self.script = script
    self.platform = platform
    self.mostVisits = mostVisits
    transitions = examination.analysis.transitions
    unmapped = Lifetimes(script).unmapped
    syncs = examination.isProved ? Self.syncs(script, transitions) : []
    for (index, operation) in transitions.program.operations.enumerated() {
      var memories: Set<Int> = []
      transitions.forEachEffect(of: operation) { memory, _, _ in memories.insert(memory) }
      for memory in memories { operations[memory, default: []].append(index) }
    }
  }

  /// Searches, up to the bound.
  mutating func advice() -> SyncAdvice {
    var advice = SyncAdvice()
    let found = sweep { advisor, sync, maps in advisor.advice(on: sync, maps) }
    advice.items = found.sorted { ($0.id.step, $0.id.index) < ($1.id.step, $1.id.index) }
    let redundant = advice.items.indices.filter { advice.items[$0].kind == .redundant }
    if redundant.count > 1 { advice.removable = removable(redundant, advice.items) }
    if visits >= mostVisits { advice.exceededBound = mostVisits }
    return advice
  }

  private static func syncs(_ script: Script, _ transitions: LineTransitions) -> [Sync] {
    let ends = Brackets(script).ends
    var maintenance: [SyncID: [Int]] = [:]
    for (index, operation) in transitions.program.operations.enumerated() {
      let isPlain = if case .maintain = operation.kind { true } else { false }
      guard isPlain || transitions.jobs.waits.contains(index) else { continue }
      maintenance[SyncID(step: operation.step, index: operation.place), default: []].append(index)
    }
    var found: [Sync] = []
    func add(
      _ id: SyncID, _ buffer: Int, _ range: Range<UInt64>, _ position: SourcePosition,
      end: Int? = nil, isBracket: Bool = false
    ) {
      let steps = [id.step] + (end.map { [$0] } ?? [])
      let operations =
        (maintenance[id] ?? []) + (end.flatMap { maintenance[SyncID(step: $0)] } ?? [])
      let isPlain =
        steps.allSatisfy { !transitions.program.stepsWithState.contains($0) }
        && !operations.contains { transitions.jobs.waits.contains($0) }
      found.append(
        Sync(
          id: id, buffer: buffer, range: range, isBracket: isBracket, position: position,
          end: end.map { script.steps[$0].position },
          maintenance: isPlain ? operations : nil))
    }
    for (index, step) in script.steps.enumerated() where step.errno == nil {
      switch step.action {
      case .sync(let syncs):
        for (place, sync) in syncs.enumerated() where !sync.range.isEmpty {
          add(SyncID(step: index, index: place), sync.buffer, sync.range, sync.position)
        }
      case .beginAccess(let buffer, _):
        add(
          SyncID(step: index), buffer, 0..<script.buffers[buffer].size, step.position,
          end: ends[index], isBracket: true)
      default: break
      }
    }
    return found
  }

  /// Calls `body` for each sync with the states before its first maintenance, and performs what is not skipped.
  private mutating func sweep(
    skipping: inout Set<Int>, _ syncs: [Sync],
    _ body: (inout Advisor, Sync, [Int: SegmentMap<SegmentState>], inout Set<Int>) -> Void
  ) {
    var waiting: [Int: [Sync]] = [:]
    for sync in syncs {
      guard let first = sync.maintenance?.first else {
        body(&self, sync, [:], &skipping)
        continue
      }
      waiting[first, default: []].append(sync)
    }
    var analysis = LineAnalysis(script, transitions)
    for index in transitions.program.operations.indices where !waiting.isEmpty {
      for sync in waiting.removeValue(forKey: index) ?? [] where visits < mostVisits {
        body(&self, sync, analysis.maps, &skipping)
      }
      if !skipping.contains(index) { analysis.perform(index) }
    }
  }

  private mutating func sweep(
    _ body: (inout Advisor, Sync, [Int: SegmentMap<SegmentState>]) -> Advice?
  ) -> [Advice] {
    var found: [Advice] = []
    var nothing: Set<Int> = []
    sweep(skipping: &nothing, syncs) { advisor, sync, maps, _ in
      if let advice = body(&advisor, sync, maps) { found.append(advice) }
    }
    return found
  }

  private mutating func advice(on sync: Sync, _ maps: [Int: SegmentMap<SegmentState>]) -> Advice? {
    guard let needed = suspicions(without: sync, maps), isValid(without: [sync.id]) else {
      return nil
    }
    if needed.isEmpty { return advice(.redundant, sync) }
    guard !sync.isBracket, let memory = needed.first?.memory,
      needed.allSatisfy({ $0.memory == memory })
    else { return nil }
    // Maintenance always covers whole lines, so only whole lines can be saved.
    let start = needed.reduce(UInt64.max) { min($0, $1.range.lowerBound) }
    let end = needed.reduce(0) { max($0, $1.range.upperBound) }
    let smaller = transitions.lines(start..<end).clamped(to: sync.range)
    guard !smaller.isEmpty, transitions.lines(smaller) != transitions.lines(sync.range),
      suspicions(without: sync, maps, narrowed: smaller)?.isEmpty == true
    else { return nil }
    return advice(.overwide(needed: smaller), sync)
  }

  private func advice(_ kind: Advice.Kind, _ sync: Sync) -> Advice {
    Advice(
      kind: kind, id: sync.id, buffer: sync.buffer, range: sync.range, position: sync.position,
      end: sync.end)
  }

  /// Returns the reads that can see wrong bytes without a sync, or with a smaller one; nil at the bound.
  private mutating func suspicions(
    without sync: Sync, _ maps: [Int: SegmentMap<SegmentState>],
    narrowed: Range<UInt64>? = nil, skipping: Set<Int> = []
  ) -> [LineAnalysis.Suspicion]? {
    guard visits < mostVisits else { return nil }
    guard let maintenance = sync.maintenance else {
      var change = SyncChange()
      if let narrowed { change.narrowed[sync.id] = narrowed } else { change.removed = [sync.id] }
      return suspicions(with: change, isFirstEnough: sync.isBracket || narrowed != nil)
    }
    let memory = script.memory(of: sync.buffer)
    var hull: Range<UInt64>?
    for index in maintenance {
      guard case .maintain(_, let range, _) = transitions.program.operations[index].kind else {
        continue
      }
      let lines = transitions.lines(range)
      hull =
        hull.map { min($0.lowerBound, lines.lowerBound)..<max($0.upperBound, lines.upperBound) }
        ?? lines
    }
    guard let hull, let base = maps[memory], let first = maintenance.first else { return [] }
    var divergence = Divergence(transitions, memory, base, hull)
    let all = operations[memory] ?? []
    divergence.run(
      all[Self.position(of: first, in: all)...],
      change: Dictionary(uniqueKeysWithValues: maintenance.map { ($0, narrowed) }),
      skipped: skipping,
      // Without several lines there is nothing to narrow.
      isFirstEnough: sync.isBracket || narrowed != nil
        || UInt64(hull.count) <= transitions.lineSize,
      mostVisits: mostVisits - visits)
    visits += divergence.visits
    return visits < mostVisits ? divergence.suspicions : nil
  }

  private static func position(of operation: Int, in operations: [Int]) -> Int {
    var (low, high) = (0, operations.count)
    while low < high {
      let middle = (low + high) / 2
      if operations[middle] < operation { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func isValid(without removed: Set<SyncID>) -> Bool {
    unmapped.isEmpty || Lifetimes.isValid(SyncAdvice.removing(removed, from: script))
  }

  /// Analyses the whole script with a change; nil where a call would be refused, or at the bound.
  private mutating func suspicions(
    with change: SyncChange, isFirstEnough: Bool = true
  ) -> [LineAnalysis.Suspicion]? {
    guard visits < mostVisits, isValid(without: change.removed) else { return nil }
    var builder = ProgramBuilder(script, on: platform, change: change)
    let program = builder.build()
    var analysis = LineAnalysis(
      script, program, on: platform, rules: transitions.rules, mostVisits: mostVisits - visits,
      placesOfEachRead: isFirstEnough ? 1 : .max)
    analysis.run(isFirstEnough: isFirstEnough)
    visits += analysis.visits + program.operations.count
    guard program.obstacle == nil, program.unexpectedResults.isEmpty, !analysis.isExhausted else {
      return nil
    }
    return analysis.suspicions
  }

  /// Finds a largest set of redundant syncs that the script is proved without.
  private mutating func removable(
    _ redundant: [Int], _ items: [Advice]
  ) -> SyncAdvice.RemovableSet? {
    func change(_ indices: [Int]) -> SyncChange {
      SyncChange(removed: Set(indices.map { items[$0].id }))
    }
    if suspicions(with: change(redundant))?.isEmpty == true {
      return .init(indices: redundant, isLargest: true)
    }
    if redundant.count <= Self.mostCombined {
      let subsets = (1..<(1 << redundant.count) - 1).map { bits in
        redundant.indices.filter { bits >> $0 & 1 != 0 }.map { redundant[$0] }
      }
      for subset in subsets.sorted(by: { $0.count > $1.count }) {
        guard visits < mostVisits else { return nil }
        if suspicions(with: change(subset))?.isEmpty == true {
          return .init(indices: subset, isLargest: true)
        }
      }
      return nil
    }
    return oneAfterTheOther(redundant, items, change)
  }

  private mutating func oneAfterTheOther(
    _ redundant: [Int], _ items: [Advice], _ change: ([Int]) -> SyncChange
  ) -> SyncAdvice.RemovableSet? {
    let ids = Dictionary(uniqueKeysWithValues: redundant.map { (items[$0].id, $0) })
    let plain = syncs.filter { ids[$0.id] != nil && $0.maintenance != nil }
    var skipped: Set<Int> = []
    var chosen: [Int] = []
    sweep(skipping: &skipped, plain) { advisor, sync, maps, skipped in
      guard let index = ids[sync.id],
        advisor.suspicions(without: sync, maps, skipping: skipped)?.isEmpty == true
      else { return }
      chosen.append(index)
      skipped.formUnion(sync.maintenance ?? [])
    }
    for sync in syncs where sync.maintenance == nil {
      guard let index = ids[sync.id], suspicions(with: change(chosen + [index]))?.isEmpty == true
      else { continue }
      chosen.append(index)
    }
    guard suspicions(with: change(chosen))?.isEmpty == true else { return nil }
    return .init(indices: chosen.sorted(), isLargest: false)
  }
}
