// SPDX-License-Identifier: MIT

internal import Litmus

/// The order of a script's writes before each read, by its steps, its jobs' waits and its drivers' fences.
struct MemoryOrder {
  private let script: Script
  /// For each node, whether jobs and START wait for the fences at a BO.
  private let hasImplicitFences: [Bool]
  private let runsJobs: Bool

  // For each memory, the writes that the CPU must see.
  private var histories: [Int: WriteHistory] = [:]
  private var submitted: [Int] = []
  private var done: Set<Int> = []
  private var skipped: Set<Int> = []
  // For each job, the jobs that must have run before it.
  private var predecessors: [Int: Set<Int>] = [:]
  // For each job, the writes that each of its reads must see.
  private var readsOfJobs: [Int: [ReadExpectation?]] = [:]
  private let jobOfWrite: [Int: Int]

  init(_ script: Script, hasImplicitFences: [Bool], runsJobs: Bool) {
    self.script = script
    self.hasImplicitFences = hasImplicitFences
    self.runsJobs = runsJobs
    var jobOfWrite: [Int: Int] = [:]
    for (job, description) in script.jobs.enumerated() {
      for case .write(let number) in description.accesses.map(\.kind) { jobOfWrite[number] = job }
    }
    self.jobOfWrite = jobOfWrite
  }

  /// Jobs without a wait so far, in order of submission.
  var pendingJobs: [Int] { submitted.filter { !done.contains($0) } }

  /// Notes a write by the CPU.
  mutating func write(_ number: Int, _ access: ScriptAccess) {
    histories[script.memory(of: access.buffer), default: WriteHistory()].record(
      .write(number), access.range)
  }

  /// Returns the writes that a read of the CPU must see now.
  func expectation(of access: ScriptAccess) -> ReadExpectation {
    expectation(of: access, by: histories[script.memory(of: access.buffer)] ?? WriteHistory())
  }

  /// Returns the writes that a job's read must see; nil for a write.
  func expectation(ofJob job: Int, access: Int) -> ReadExpectation? {
    guard let reads = readsOfJobs[job], reads.indices.contains(access) else { return nil }
    return reads[access]
  }

  /// Whether a job was submitted, and not skipped.
  func isRun(_ job: Int) -> Bool { runsJobs && readsOfJobs[job] != nil && !skipped.contains(job) }

  /// Notes that a job was submitted or skipped, and computes what its reads must see.
  mutating func submit(_ job: Int, isRun: Bool = true) {
    if !isRun { skipped.insert(job) }
    var before: Set<Int> = []
    for other in script.jobs[job].after + implicitlyBefore(job) {
      before.insert(other)
      before.formUnion(predecessors[other] ?? [])
    }
    predecessors[job] = before
    var seen = histories
    for other in pendingJobs where before.contains(other) { run(other, on: &seen) }
    var expected: [ReadExpectation?] = []
    for access in script.jobs[job].accesses {
      let memory = script.memory(of: access.buffer)
      let history = seen[memory] ?? WriteHistory()
      switch access.kind {
      case .read: expected.append(expectation(of: access, by: history))
      case .write(let number):
        expected.append(nil)
        seen[memory, default: WriteHistory()].record(
          isRun ? .write(number) : .unknown, access.range)
      }
    }
    readsOfJobs[job] = expected
    submitted.append(job)
  }

  /// Notes a wait for a job, which also covers the jobs that it waits for.
  mutating func wait(for job: Int) {
    end((predecessors[job] ?? []).union([job]))
  }

  /// Notes a START, which waits for the fences at the memory.
  mutating func start(_ buffer: Int) {
    let memory = script.memory(of: buffer)
    for job in pendingJobs where leavesFence(job, memory) { wait(for: job) }
  }

  private mutating func end(_ jobs: Set<Int>) {
    for job in pendingJobs where jobs.contains(job) {
      run(job, on: &histories)
      done.insert(job)
    }
  }

  private func run(_ job: Int, on histories: inout [Int: WriteHistory]) {
    for access in script.jobs[job].accesses {
      guard case .write(let number) = access.kind else { continue }
      histories[script.memory(of: access.buffer), default: WriteHistory()].record(
        runsJobs && !skipped.contains(job) ? .write(number) : .unknown, access.range)
    }
  }

  private func implicitlyBefore(_ job: Int) -> [Int] {
    guard hasImplicitFences[script.jobs[job].node] else { return [] }
    let memories = script.jobs[job].accesses.map { script.memory(of: $0.buffer) }
    return submitted.filter { other in memories.contains { leavesFence(other, $0) } }
  }

  private func leavesFence(_ job: Int, _ memory: Int) -> Bool {
    hasImplicitFences[script.jobs[job].node]
      && script.jobs[job].accesses.contains { script.memory(of: $0.buffer) == memory }
  }

  /// Whether a write belongs to a job that does not run.
  private func isUnknown(_ write: Int) -> Bool {
    guard let job = jobOfWrite[write] else { return false }
    return !runsJobs || skipped.contains(job)
  }

  private func expectation(
    of access: ScriptAccess, by history: WriteHistory
  ) -> ReadExpectation {
    let pieces = history.writers(of: access.range)
    guard case .read(sees: let named?) = access.kind else {
      return ReadExpectation(pieces: pieces, named: nil)
    }
    if named == ScriptAccess.zeroes { return ReadExpectation(pieces: pieces, named: .zeroes) }
    guard !isUnknown(named) else {
      return ReadExpectation(
        pieces: [WriteHistory.Piece(range: access.range, writer: .unknown)], named: nil)
    }
    return ReadExpectation(pieces: pieces, named: .write(named))
  }
}

/// The writes that a read must see.
struct ReadExpectation: Hashable {
  /// The last writes ordered before it, piece by piece.
  let pieces: [WriteHistory.Piece]
  /// The write that the script names; nil where it names none.
  let named: WriteHistory.Writer?

  /// Whether the script names a write other than the last one ordered before: then no bytes are right.
  var isRace: Bool {
    guard let named else { return false }
    return pieces.contains { $0.writer != named && $0.writer != .unknown }
  }
}
