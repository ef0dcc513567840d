// SPDX-License-Identifier: MIT

internal import Litmus

/// Decides which reads of a script can see anything but the last write ordered before them.
///
/// One pass over the operations keeps, for every byte, the set of states that its line can be in. This is
/// exact: the next state of a byte depends on the byte and its line's state alone, evictions and fills are
/// possible at every moment, and a job's access at every moment between its submission and its wait.
struct LineAnalysis {
  /// A read that can see wrong bytes, and the range of these bytes.
  struct Suspicion: Hashable {
    let read: ReadID
    let memory: Int
    let range: Range<UInt64>
    /// Whether it is not ordered with a write, or two writes before it are not ordered.
    let isRace: Bool
  }

  private let script: Script
  private let program: Program
  private let lineSize: UInt64
  private let rules: LineRules
  private let mostVisits: Int
  private var maps: [Int: SegmentMap<SegmentState>] = [:]
  private var lastWrites: LastWrites
  private var order: JobOrder

  private(set) var suspicions: [Suspicion] = []
  // The number of places kept of each read: enough to find all its different faults.
  private var places: [ReadID: Int] = [:]
  // Reads that are not ordered with a write: the write that they name is not checked.
  private var racyReads: Set<ReadID> = []
  private let mostPlaces: Int
  private(set) var contradictions: [LastWrites.Contradiction] = []
  /// The number of visited runs of bytes, over all operations.
  private(set) var visits = 0

  init(
    _ script: Script, _ program: Program, on platform: Platform, rules: LineRules,
    mostVisits: Int = .max, placesOfEachRead: Int = 8
  ) {
    mostPlaces = placesOfEachRead
    self.script = script
    self.program = program
    self.rules = rules
    self.mostVisits = mostVisits
    lineSize = platform.lineSize
    order = JobOrder(script, on: platform)
    lastWrites = LastWrites(script)
  }

  /// Whether the bound was reached, so that the script is undecided.
  var isExhausted: Bool { visits > mostVisits }

  /// The reads that can see wrong bytes.
  var badReads: Set<ReadID> { Set(suspicions.map(\.read)) }

  mutating func run() {
    for operation in program.operations {
      perform(operation)
      if isExhausted { break }
    }
    // A read that turned out later not to be ordered with a write can see it.
    contradictions.removeAll { racyReads.contains($0.read) }
  }

  private mutating func perform(_ operation: MicroOperation) {
    switch operation.kind {
    case .allocate(let memory):
      let size = program.sizes[memory] ?? 0
      maps[memory] = SegmentMap(size: size, SegmentState(.new))
      lastWrites.allocate(memory, size: size)
    case .store(let memory, let range, let write, let isCached):
      store(memory, range, isCached: isCached)
      lastWrites.store(write, memory, range)
    case .load(let memory, let range, let isCached):
      load(.cpu(step: operation.step), memory, range, isCached: isCached)
    case .maintain(let memory, let range, let maintenance):
      maintain(memory, range, maintenance)
    case .submit(let job): submit(job)
    case .wait(let job): order.wait(for: job)
    case .waitForFences(let memory): order.waitForFences(of: memory)
    }
  }

  private func lines(_ range: Range<UInt64>) -> Range<UInt64> {
    range.lowerBound / lineSize * lineSize..<(range.upperBound + lineSize - 1) / lineSize * lineSize
  }

  /// Changes each run of a range, after removing ended jobs there; then checks the pending reads.
  private mutating func update(
    _ memory: Int, _ range: Range<UInt64>,
    _ body: (Range<UInt64>, inout SegmentState, inout [Suspicion]) -> Void
  ) {
    var found: [Suspicion] = []
    visits +=
      maps[memory]?.update(range) { [order, rules] run, state in
        state.prune { order.isDone($0) }
        body(run, &state, &found)
        let states = state.pending?.states ?? []
        state.pending?.reads.removeAll { read in
          guard rules.mayBeStale(states[read.position], isCached: read.event.isSnooping) else {
            return false
          }
          found.append(Suspicion(read.event, memory, run, isRace: false))
          return true
        }
      } ?? 0
    for suspicion in found {
      if suspicion.isRace { racyReads.insert(suspicion.read) }
      note(suspicion)
    }
  }

  private mutating func note(_ suspicion: Suspicion) {
    let count = places[suspicion.read, default: 0]
    guard count < mostPlaces else { return }
    places[suspicion.read] = count + 1
    suspicions.append(suspicion)
  }

  private mutating func store(_ memory: Int, _ range: Range<UInt64>, isCached: Bool) {
    update(memory, range) { [order, rules] run, state, found in
      if var pending = state.pending {
        for read in pending.reads { found.append(Suspicion(read.event, memory, run, isRace: true)) }
        pending.reads.removeAll()
        pending.rivals = (pending.rivals + pending.writes).filter { !order.isDone($0.job) }
        pending.isLastByCPU = true
        state.pending = pending
      }
      state.apply(isCached ? rules.store : rules.storeUncached, rules)
    }
    guard isCached else { return }
    let lines = lines(range)
    for edge in [lines.lowerBound..<range.lowerBound, range.upperBound..<lines.upperBound] {
      update(memory, edge) { [rules] _, state, _ in state.apply(rules.storeBeside, rules) }
    }
  }

  private mutating func load(
    _ read: ReadID, _ memory: Int, _ range: Range<UInt64>, isCached: Bool
  ) {
    update(memory, range) { [rules] run, state, found in
      if isCached { state.apply(rules.load, rules) }
      if let pending = state.pending, !(pending.writes.isEmpty && pending.rivals.isEmpty) {
        found.append(Suspicion(read: read, memory: memory, range: run, isRace: true))
      } else if rules.mayBeStale(state.pending?.states[0] ?? state.states, isCached: isCached) {
        found.append(Suspicion(read: read, memory: memory, range: run, isRace: false))
      }
    }
    guard !racyReads.contains(read) else { return }
    contradictions += lastWrites.check(read, memory, range)
  }

  private mutating func maintain(
    _ memory: Int, _ range: Range<UInt64>, _ maintenance: MicroOperation.Maintenance
  ) {
    let lines = lines(range)
    guard maintenance == .invalidate else {
      let table = rules.table(maintenance)
      return update(memory, lines) { [rules] _, state, _ in state.apply(table, rules) }
    }
    // A line that is covered only in part is cleaned first.
    let start = min(
      lines.lowerBound + (lines.lowerBound < range.lowerBound ? lineSize : 0), lines.upperBound)
    let end = max(lines.upperBound - (lines.upperBound > range.upperBound ? lineSize : 0), start)
    for (part, table) in [
      (lines.lowerBound..<start, rules.cleanAndInvalidate), (start..<end, rules.invalidate),
      (end..<lines.upperBound, rules.cleanAndInvalidate),
    ] {
      update(memory, part) { [rules] _, state, _ in state.apply(table, rules) }
    }
  }

  private mutating func submit(_ job: Int) {
    order.submit(job)
    for (index, access) in program.jobs[job].enumerated() {
      let event = SegmentState.Event(job: job, access: index, isSnooping: access.isSnooping)
      let read = ReadID.device(job: job, access: index)
      update(access.memory, access.range) { [order, rules] run, state, found in
        var pending = state.pending ?? SegmentState.Pending(state.states)
        // A job's accesses are in order, and after those of the jobs it waits for.
        func precedes(_ other: SegmentState.Event) -> Bool {
          other.job == job || order.isDone(other.job) || order.precedes(other.job, job)
        }
        if access.write == nil {
          if pending.rivals.isEmpty, pending.writes.allSatisfy(precedes) {
            pending.reads.append(.init(event: event, position: pending.writes.count))
          } else {
            found.append(Suspicion(event, access.memory, run, isRace: true))
          }
        } else {
          pending.reads.removeAll { read in
            guard !precedes(read.event) else { return false }
            found.append(Suspicion(read.event, access.memory, run, isRace: true))
            return true
          }
          let last = pending.isLastByCPU ? [] : pending.writes.suffix(1)
          pending.rivals = (pending.rivals + last).filter { !precedes($0) }
          pending.isLastByCPU = false
          pending.writes.append(event)
          pending.states.append(LineStates(bits: 0))
          pending.settle(rules)
        }
        state.pending = pending
        state.prune { order.isDone($0) }
      }
      if let write = access.write {
        lastWrites.store(write, access.memory, access.range)
      } else if !racyReads.contains(read) {
        contradictions += lastWrites.check(read, access.memory, access.range)
      }
    }
  }
}

extension LineAnalysis.Suspicion {
  fileprivate init(
    _ event: SegmentState.Event, _ memory: Int, _ range: Range<UInt64>, isRace: Bool
  ) {
    self.init(
      read: .device(job: event.job, access: event.access), memory: memory, range: range,
      isRace: isRace)
  }
}
