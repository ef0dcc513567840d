// SPDX-License-Identifier: MIT

internal import Litmus

/// The effect of each operation of a program on the states of bytes.
///
/// The next states of a byte depend on the byte and its line alone, so a range can be examined apart from others.
struct LineTransitions {
  let program: Program
  let jobs: JobTimes
  let rules: LineRules
  let lineSize: UInt64

  init(_ script: Script, _ program: Program, on platform: Platform, rules: LineRules) {
    self.program = program
    self.rules = rules
    jobs = JobTimes(script, program, on: platform)
    lineSize = platform.lineSize
  }

  /// The effect of an operation on the bytes of one range.
  enum Effect {
    case store(isCached: Bool)
    case load(ReadID, isCached: Bool)
    case table(LineTable)
    case access(job: Int, index: Int)
  }

  /// Calls `body` for each range that an operation affects, in order.
  func forEachEffect(of operation: MicroOperation, _ body: (Int, Range<UInt64>, Effect) -> Void) {
    switch operation.kind {
    case .store(let memory, let range, _, let isCached):
      body(memory, range, .store(isCached: isCached))
      guard isCached else { return }
      let lines = lines(range)
      body(memory, lines.lowerBound..<range.lowerBound, .table(rules.storeBeside))
      body(memory, range.upperBound..<lines.upperBound, .table(rules.storeBeside))
    case .load(let memory, let range, let isCached):
      body(memory, range, .load(.cpu(step: operation.step), isCached: isCached))
    case .maintain(let memory, let range, .invalidate):
      let lines = lines(range)
      // A line that is covered only in part is cleaned first.
      let start = min(
        lines.lowerBound + (lines.lowerBound < range.lowerBound ? lineSize : 0), lines.upperBound)
      let end = max(lines.upperBound - (lines.upperBound > range.upperBound ? lineSize : 0), start)
      body(memory, lines.lowerBound..<start, .table(rules.cleanAndInvalidate))
      body(memory, start..<end, .table(rules.invalidate))
      body(memory, end..<lines.upperBound, .table(rules.cleanAndInvalidate))
    case .maintain(let memory, let range, let maintenance):
      body(memory, lines(range), .table(rules.table(maintenance)))
    case .submit(let job):
      for (index, access) in program.jobs[job].enumerated() {
        body(access.memory, access.range, .access(job: job, index: index))
      }
    case .allocate, .wait, .waitForFences: break
    }
  }

  func lines(_ range: Range<UInt64>) -> Range<UInt64> {
    range.lowerBound / lineSize * lineSize..<(range.upperBound + lineSize - 1) / lineSize * lineSize
  }

  /// Changes the state of a run of bytes by an operation's effect, after removing ended jobs there.
  ///
  /// - Returns: the number of states and pending accesses that were visited.
  func apply(
    _ effect: Effect, at operation: Int, _ memory: Int, _ run: Range<UInt64>,
    to state: inout SegmentState, _ found: inout [LineAnalysis.Suspicion]
  ) -> Int {
    state.prune { jobs.isDone($0, at: operation) }
    switch effect {
    case .table(let table): state.apply(table, rules)
    case .store(let isCached): store(isCached, operation, memory, run, &state, &found)
    case .load(let read, let isCached): load(read, isCached, memory, run, &state, &found)
    case .access(let job, let index): access(job, index, operation, memory, run, &state, &found)
    }
    guard let states = state.pending?.states else { return 1 }
    state.pending?.reads.removeAll { read in
      guard rules.mayBeStale(states[read.position], isCached: read.event.isSnooping) else {
        return false
      }
      found.append(LineAnalysis.Suspicion(read.event, memory, run, isRace: false))
      return true
    }
    return 1 + states.count + (state.pending?.rivals.count ?? 0)
  }

  private func store(
    _ isCached: Bool, _ operation: Int, _ memory: Int, _ run: Range<UInt64>,
    _ state: inout SegmentState, _ found: inout [LineAnalysis.Suspicion]
  ) {
    if var pending = state.pending {
      for read in pending.reads {
        found.append(LineAnalysis.Suspicion(read.event, memory, run, isRace: true))
      }
      pending.reads.removeAll()
      pending.rivals = (pending.rivals + pending.writes).filter {
        !jobs.isDone($0.job, at: operation)
      }
      pending.isLastByCPU = true
      state.pending = pending
    }
    state.apply(isCached ? rules.store : rules.storeUncached, rules)
  }

  private func load(
    _ read: ReadID, _ isCached: Bool, _ memory: Int, _ run: Range<UInt64>,
    _ state: inout SegmentState, _ found: inout [LineAnalysis.Suspicion]
  ) {
    if isCached { state.apply(rules.load, rules) }
    if let pending = state.pending, !(pending.writes.isEmpty && pending.rivals.isEmpty) {
      found.append(.init(read: read, memory: memory, range: run, isRace: true))
    } else if rules.mayBeStale(state.pending?.states[0] ?? state.states, isCached: isCached) {
      found.append(.init(read: read, memory: memory, range: run, isRace: false))
    }
  }

  private func access(
    _ job: Int, _ index: Int, _ operation: Int, _ memory: Int, _ run: Range<UInt64>,
    _ state: inout SegmentState, _ found: inout [LineAnalysis.Suspicion]
  ) {
    let access = program.jobs[job][index]
    let event = SegmentState.Event(job: job, access: index, isSnooping: access.isSnooping)
    var pending = state.pending ?? SegmentState.Pending(state.states)
    state.pending = nil
    // A job's accesses are in order, and after those of the jobs it waits for.
    func precedes(_ other: SegmentState.Event) -> Bool {
      other.job == job || jobs.isDone(other.job, at: operation) || jobs.precedes(other.job, job)
    }
    if access.write == nil {
      if pending.rivals.isEmpty, pending.writes.allSatisfy(precedes) {
        pending.reads.append(.init(event: event, position: pending.writes.count))
      } else {
        found.append(LineAnalysis.Suspicion(event, memory, run, isRace: true))
      }
    } else {
      pending.reads.removeAll { read in
        guard !precedes(read.event) else { return false }
        found.append(LineAnalysis.Suspicion(read.event, memory, run, isRace: true))
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
    state.prune { jobs.isDone($0, at: operation) }
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
