// SPDX-License-Identifier: MIT

internal import Litmus

/// Proposes edits for a finding, the most fitting first; the search verifies them.
struct RepairCandidates {
  let script: Script
  let platform: Platform
  let examination: Examination
  let times: Lifetimes

  func kit(_ memory: Int) -> SyncKit { SyncKit(script, platform, times, memory) }

  private var transitions: LineTransitions { examination.analysis.transitions }

  // MARK: Reads

  /// Proposes repairs of a read.
  func candidates(for fault: Investigator.Fault) -> [[ScriptEdit]] {
    let places = Places(script, transitions, fault)
    let own: [[ScriptEdit]]
    switch fault.name {
    case .missingWait: own = []
    case .missingFlush, .cpuWriteLost, .zeroesLost: own = flushes(places, fault)
    case .missingInvalidate, .invalidateTooEarly, .syncBeforeWait:
      own = invalidations(places) + storesAfterWriters(places)
    case .deviceWriteLost, .falseSharingLine:
      own =
        places.writers.flatMap { flushes(places, before: $0, earlier: true) }
        + storesAfterWriters(places)
    case .syncUnbalanced: own = brackets(places) + flushes(places, fault) + invalidations(places)
    case .syncOnImport: own = []
    }
    let waits = self.waits(places)
    if fault.name == .missingWait {
      let syncs = invalidations(places) + flushes(places, fault)
      return waits + waits.prefix(2).flatMap { wait in syncs.map { wait + $0 } }
    }
    return own + waits + waits.prefix(4).flatMap { wait in own.map { wait + $0 } }
  }

  /// Waits that order what is not ordered: moved from later steps or new, before syncs or right before the access.
  private func waits(_ places: Places) -> [[ScriptEdit]] {
    var found: [[ScriptEdit]] = []
    for races in [places.races.filter(\.isOfRead), places.races] where !races.isEmpty {
      for isBeforeSyncs in [true, false] {
        for isMoved in [true, false] {
          let edits = Set(races).sorted { ($0.step, $0.job) < ($1.step, $1.job) }.flatMap {
            wait($0, places, isBeforeSyncs: isBeforeSyncs, isMoved: isMoved)
          }
          if !edits.isEmpty { found.append(edits) }
        }
      }
    }
    return found
  }

  private func wait(
    _ race: Places.Race, _ places: Places, isBeforeSyncs: Bool, isMoved: Bool
  ) -> [ScriptEdit] {
    var step = race.step
    let submission = times.submissions[race.job] ?? 0
    if isBeforeSyncs {
      let syncs = Set(times.syncs[places.memory] ?? [])
      while step - 1 > submission, syncs.contains(step - 1) { step -= 1 }
      // A sync of the read can also lie further ahead, between other steps.
      if let first = times.syncs[places.memory]?.first(where: { $0 > submission && $0 < step }) {
        step = first
      }
    }
    if isMoved, let later = times.waits[race.job]?.first(where: { $0 > step }) {
      return [ScriptEdit(step: later, change: .move(before: step))]
    }
    return [ScriptEdit(step: step, change: .insert(.wait(job: race.job)))]
  }

  /// Flushes of what the CPU wrote, before a device's read, or before the CPU's read past the cache.
  private func flushes(_ places: Places, _ fault: Investigator.Fault) -> [[ScriptEdit]] {
    var found: [[ScriptEdit]] = []
    if let point = fault.trace.discard(of: fault.history.expected.write) {
      let step = fault.history.points[point].step
      found += discards(places, at: step)
    }
    return found + flushes(places, before: places.read, earlier: false)
  }

  /// Edits that keep a step from discarding bytes.
  private func discards(_ places: Places, at step: Int) -> [[ScriptEdit]] {
    var found: [[ScriptEdit]] = []
    let pairs = Brackets(script).ends
    let syncs = kit(places.memory)
    let flushes =
      syncs.byIoctl(places.range, .device, before: step)
      + syncs.byUserland(places.range, .device, before: step)
    switch script.steps[step].action {
    case .beginAccess(let buffer, _):
      let start = ScriptEdit(step: step, change: .replace(.beginAccess(buffer: buffer, .write)))
      let end = pairs[step].map { end in
        let named: Int
        if case .endAccess(let ended, _) = script.steps[end].action {
          named = ended
        } else {
          named = buffer
        }
        return ScriptEdit(step: end, change: .replace(.endAccess(buffer: named, .write)))
      }
      let replaced = [start] + (end.map { [$0] } ?? [])
      // Where the CPU only writes in the access, START for writing is what it means.
      let onlyWrites = !places.loads.contains { $0 > step && $0 < (pairs[step] ?? .max) }
      let stores = places.stores.last { $0 < step }
      let bracket =
        syncs.byBracket(.write, from: stores ?? step, to: step)
        + syncs.byBracket(.write, from: step, to: step)
      found += onlyWrites ? [replaced] + bracket + flushes : bracket + flushes + [replaced]
    case .sync(let batch):
      found.append([
        ScriptEdit(
          step: step,
          change: .replace(
            .sync(batch.map { $0.with(operation: .flushAndInvalidate) })))
      ])
      found += flushes
    default: found += syncs.byBracket(.write, from: step, to: step) + flushes
    }
    return found
  }

  private func flushes(
    _ places: Places, before step: Int, earlier: Bool
  ) -> [[ScriptEdit]] {
    var found: [[ScriptEdit]] = []
    let last = places.stores.last { $0 < step }
    let range = earlier ? transitions.lines(places.range) : places.range
    found += changes(places, near: step, since: last ?? 0, range, .device)
    let first = last.map { firstStore($0, places) } ?? step
    found += kit(places.memory).all(range, .device, before: step, span: (first, step))
    // The store can come after the submission: then the flush alone does not help, but together with a wait.
    return found
  }

  /// Invalidations before the CPU's stores beside what a device wrote, which would fetch an old line otherwise.
  private func storesAfterWriters(_ places: Places) -> [[ScriptEdit]] {
    let kit = kit(places.memory)
    let stores = places.stores.filter { store in
      store < places.read && places.writers.contains { $0 < store }
    }
    return stores.suffix(4).flatMap { store in
      kit.byIoctl(places.range, .cpu, before: store)
        + kit.byUserland(places.range, .cpu, before: store)
    }
  }

  /// The first of the stores that follow each other up to one.
  private func firstStore(_ last: Int, _ places: Places) -> Int {
    var first = last
    while places.stores.contains(first - 1) { first -= 1 }
    return first
  }

  /// Invalidations before a CPU read.
  private func invalidations(_ places: Places) -> [[ScriptEdit]] {
    let since = places.writers.last { $0 < places.read } ?? 0
    let changed = changes(places, near: places.read, since: since, places.range, .cpu)
    let end = places.isByCPU ? places.read + 1 : places.read
    return changed
      + kit(places.memory).all(
        places.range, .cpu, before: places.read, span: (places.read, end))
  }

  /// Existing syncs that do when widened, replaced or moved.
  private func changes(
    _ places: Places, near step: Int, since: Int, _ range: Range<UInt64>, _ purpose: SyncKit.Purpose
  ) -> [[ScriptEdit]] {
    var found: [[ScriptEdit]] = []
    let ends = Brackets(script).ends
    let all = times.syncs[places.memory] ?? []
    // The nearest ones on both sides; each is a candidate of its own.
    let before = all.filter { $0 < step }.suffix(4).reversed()
    let after = all.filter { $0 > step }.prefix(2)
    for index in before where index >= since {
      found += replacements(index, ends, range, purpose)
    }
    for index in Array(before) + after {
      guard script.steps[index].errno == nil else { continue }
      switch script.steps[index].action {
      case .sync: found.append([ScriptEdit(step: index, change: .move(before: step))])
      case .endAccess where purpose == .device:
        found.append([ScriptEdit(step: index, change: .move(before: step))])
      case .beginAccess where purpose == .cpu:
        found.append([ScriptEdit(step: index, change: .move(before: step))])
      default: break
      }
    }
    return found
  }

  private func replacements(
    _ index: Int, _ ends: [Int: Int], _ range: Range<UInt64>, _ purpose: SyncKit.Purpose
  ) -> [[ScriptEdit]] {
    guard script.steps[index].errno == nil else { return [] }
    switch script.steps[index].action {
    case .sync(let batch):
      let wider = batch.map { sync -> ScriptSync in
        let start = min(sync.range.lowerBound, range.lowerBound)
        let end = min(
          max(sync.range.upperBound, range.upperBound), script.buffers[sync.buffer].size)
        return sync.with(range: start..<max(start, end))
      }
      let stronger = batch.map { $0.with(operation: .flushAndInvalidate) }
      let both = wider.map { $0.with(operation: .flushAndInvalidate) }
      return (purpose == .cpu ? [wider, stronger, both] : [wider]).map {
        [ScriptEdit(step: index, change: .replace(.sync($0)))]
      }
    case .beginAccess(let buffer, let type) where type != .readWrite:
      var edits = [
        ScriptEdit(step: index, change: .replace(.beginAccess(buffer: buffer, .readWrite)))
      ]
      if let end = ends[index], case .endAccess(let ended, _) = script.steps[end].action {
        edits.append(ScriptEdit(step: end, change: .replace(.endAccess(buffer: ended, .readWrite))))
      }
      return [edits]
    default: return []
    }
  }

  /// Missing or misplaced STARTs and ENDs around a read.
  private func brackets(_ places: Places) -> [[ScriptEdit]] {
    var found: [[ScriptEdit]] = []
    for index in (times.syncs[places.memory] ?? []).filter({ $0 < places.read }).suffix(4)
      .reversed()
    {
      switch script.steps[index].action {
      case .beginAccess(let buffer, let type):
        found.append([
          ScriptEdit(step: places.read, change: .insert(.endAccess(buffer: buffer, type)))
        ])
      case .endAccess(let buffer, let type):
        found.append([ScriptEdit(step: index, change: .replace(.beginAccess(buffer: buffer, type)))]
        )
      default: break
      }
    }
    let late = (times.syncs[places.memory] ?? []).first { $0 > places.read }
    if let late, case .endAccess = script.steps[late].action {
      found.insert([ScriptEdit(step: late, change: .move(before: places.read))], at: 0)
    }
    return found
  }
}
