// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import MockDRM
internal import Litmus

/// One way a script goes, on a machine of its own.
struct Run {
  private let plan: Plan
  private let machine: ScriptMachine
  /// How many steps were made.
  private(set) var steps = 0
  /// How many accesses of each job have run.
  private(set) var progress: [Int]
  /// What the mock answered where it should have gone along.
  private(set) var complaint: String?

  init(_ plan: Plan) {
    self.plan = plan
    machine = ScriptMachine(plan.script, plan.platform)
    progress = Array(repeating: 0, count: plan.script.jobs.count)
  }

  /// Lets something happen, and notes what was read.
  mutating func make(_ move: Move, _ observations: inout Observations) {
    switch move {
    case .step(let outcome, let inner):
      machine.kernel.setInvalidation(outcome)
      if !inner.isEmpty { machine.kernel.performWhileWaiting(inner.compactMap(event)) }
      for case .access(let job) in inner { progress[job] += 1 }
      let action = plan.script.steps[steps].action
      let answer = machine.play(action)
      if (answer < 0) != plan.refused.contains(steps) {
        complaint = "step \(steps) answered \(answer), once"
      }
      if answer >= 0, case .access(let access) = action, case .read = access.kind {
        observations.note(machine.lastRead, at: .step(steps))
      }
      steps += 1
    case .access, .evict, .fill:
      guard let event = event(for: move) else { return }
      let answer = machine.kernel.perform(event)
      if answer < 0 { complaint = "\(move) answered \(answer)" }
      if case .access(let job) = move { progress[job] += 1 }
    }
    for read in machine.kernel.takeReads() {
      guard let job = machine.jobs.firstIndex(of: read.job) else { continue }
      observations.note(read.bytes, at: .access(job: job, read.access))
    }
  }

  private func event(for move: Move) -> ModelledEvent? {
    switch move {
    case .access(let job): machine.jobs[job].map { .runAccess(job: $0) }
    case .evict(let line): machine.range(ofLine: line).map { .evict($0) }
    case .fill(let line): machine.range(ofLine: line).map { .fill($0) }
    case .step: nil
    }
  }

  /// Whether all of a script has happened.
  var isAtEnd: Bool {
    steps == plan.script.steps.count && plan.submitted(before: steps).allSatisfy(hasEnded)
  }

  private func hasEnded(_ job: Int) -> Bool {
    progress[job] == plan.script.jobs[job].accesses.count
  }

  /// What may happen next, to these lines and to the jobs.
  func moves(_ lines: [MemoryLine], _ found: [ModelledLine?]) -> [Move] {
    var moves: [Move] = []
    for (line, state) in zip(lines, found) {
      guard let state else { continue }
      moves.append(state.state == .absent ? .fill(line) : .evict(line))
    }
    for job in runnable(progress) { moves.append(.access(job: job)) }
    guard steps < plan.script.steps.count else { return moves }
    let missing = plan.accesses(before: steps).filter { progress[$0.job] <= $0.access }
    if case .beginAccess = plan.script.steps[steps].action {
      for inner in waits(missing, lines, progress) {
        moves += plan.outcomes(of: steps).map { .step($0, whileWaiting: inner) }
      }
    } else if missing.isEmpty {
      moves += plan.outcomes(of: steps).map { .step($0, whileWaiting: []) }
    }
    return moves
  }

  /// The jobs whose next access may run.
  private func runnable(_ progress: [Int]) -> [Int] {
    plan.submitted(before: steps).filter { job in
      progress[job] < plan.script.jobs[job].accesses.count
        && plan.accesses(before: job, progress[job]).allSatisfy { progress[$0.job] > $0.access }
    }
  }

  /// All that may happen until these accesses have run; what happens later can as well happen afterwards.
  private func waits(
    _ missing: [(job: Int, access: Int)], _ lines: [MemoryLine], _ progress: [Int]
  ) -> [[Move]] {
    let missing = missing.filter { progress[$0.job] <= $0.access }
    guard !missing.isEmpty else { return [[]] }
    // Before an access, each line stays as it is, leaves the cache, is fetched, or is fetched anew.
    var gaps: [[Move]] = [[]]
    for line in lines {
      let own: [[Move]] = [[], [.evict(line)], [.fill(line)], [.evict(line), .fill(line)]]
      gaps = gaps.flatMap { gap in own.map { gap + $0 } }
    }
    var waits: [[Move]] = []
    for job in runnable(progress) {
      var later = progress
      later[job] += 1
      for rest in self.waits(missing, lines, later) {
        for gap in gaps { waits.append(gap + [.access(job: job)] + rest) }
      }
    }
    return waits
  }

  /// The lines as they are now; nil for what is not there.
  func find(_ lines: [MemoryLine]) -> [ModelledLine?] {
    lines.map { line in
      machine.range(ofLine: line).flatMap { machine.kernel.lines(of: $0).first }
    }
  }

  /// All that the rest of a run depends on, as far as these lines are concerned.
  func signature(_ found: [ModelledLine?]) -> [UInt8] {
    var bytes = [UInt8(truncatingIfNeeded: steps)]
    bytes += progress.map { UInt8(truncatingIfNeeded: $0) }
    for line in found {
      guard let line else {
        bytes.append(3)
        continue
      }
      bytes.append(line.state == .absent ? 0 : line.state == .clean ? 1 : 2)
      bytes += line.cpu
      bytes += line.memory
    }
    return bytes
  }
}
