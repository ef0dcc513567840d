// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import MockDRM
internal import Litmus

/// One execution of a script, on a machine of its own.
struct Run {
  private let plan: Plan
  private let machine: ScriptMachine
  /// The number of performed steps.
  private(set) var steps = 0
  /// For each job, the number of its accesses that have run.
  private(set) var progress: [Int]
  /// An error of the mock: it refused a move that every order allows; nil where there is none.
  private(set) var complaint: String?

  init(_ plan: Plan) {
    self.plan = plan
    machine = ScriptMachine(plan.script, plan.platform)
    progress = Array(repeating: 0, count: plan.script.jobs.count)
  }

  /// Performs a move, and notes the bytes that were read.
  mutating func make(_ move: Move, _ observations: inout Observations) {
    switch move {
    case .step(let outcome, let inner):
      machine.kernel.setInvalidation(outcome)
      if !inner.isEmpty { machine.kernel.performWhileWaiting(inner.compactMap(event)) }
      for case .access(let job) in inner { progress[job] += 1 }
      let action = plan.script.steps[steps].action
      let answer = machine.perform(action)
      if (answer < 0) != plan.refused.contains(steps) {
        complaint = "step \(steps) returned \(answer) in one execution only"
      }
      if answer >= 0, case .access(let access) = action, case .read = access.kind {
        observations.note(machine.lastRead, at: .step(steps))
      }
      steps += 1
    case .access, .evict, .fill:
      guard let event = event(for: move) else { return }
      let answer = machine.kernel.perform(event)
      if answer < 0 { complaint = "\(move) returned \(answer)" }
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

  /// Whether all steps and jobs have ended.
  var isAtEnd: Bool {
    steps == plan.script.steps.count && plan.submitted(before: steps).allSatisfy(hasEnded)
  }

  private func hasEnded(_ job: Int) -> Bool {
    progress[job] == plan.script.jobs[job].accesses.count
  }

  /// Returns the possible next moves, with evictions and fills of these lines.
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

  /// Returns the jobs whose next access can run.
  private func runnable(_ progress: [Int]) -> [Int] {
    plan.submitted(before: steps).filter { job in
      progress[job] < plan.script.jobs[job].accesses.count
        && plan.accesses(before: job, progress[job]).allSatisfy { progress[$0.job] > $0.access }
    }
  }

  /// Returns all sequences of moves until these accesses have run; later moves can also follow the step.
  private func waits(
    _ missing: [(job: Int, access: Int)], _ lines: [MemoryLine], _ progress: [Int]
  ) -> [[Move]] {
    let missing = missing.filter { progress[$0.job] <= $0.access }
    guard !missing.isEmpty else { return [[]] }
    // Before an access, each line is unchanged, evicted, fetched, or evicted and fetched.
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

  /// Returns the current state of the lines; nil for memory that does not exist.
  func find(_ lines: [MemoryLine]) -> [ModelledLine?] {
    lines.map { line in
      machine.range(ofLine: line).flatMap { machine.kernel.lines(of: $0).first }
    }
  }

  /// Returns the state on which the rest of the run depends, as far as these lines are concerned.
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

/// A possible next event.
enum Move: Hashable {
  /// The CPU's next step, with the outcome for dirty lines that it invalidates, and the moves while it waits.
  case step(InvalidationOutcome, whileWaiting: [Move])
  /// The next access of a job.
  case access(job: Int)
  case evict(MemoryLine)
  case fill(MemoryLine)
}
