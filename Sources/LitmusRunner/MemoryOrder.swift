// SPDX-License-Identifier: MIT

internal import Litmus

/// The order of a script's writes before each read, by its steps, its jobs' waits and its drivers' fences.
struct MemoryOrder {
  private let script: Script
  /// For each node, whether jobs and START wait for the fences at a BO.
  private let hasImplicitFences: [Bool]
  private let runsJobs: Bool

  /// What has been written, and how far jobs have run.
  private struct State {
    // For each memory, its writes.
    var histories: [Int: WriteHistory] = [:]
    // For each job that has run in part, the number of its accesses that ran.
    var progress: [Int: Int] = [:]
  }

  // What the CPU must see.
  private var state = State()
  private var submitted: [Int] = []
  private var done: Set<Int> = []
  private var skipped: Set<Int> = []
  // For each job, the jobs that must have run before it.
  private var predecessors: [Int: Set<Int>] = [:]
  // For each job, the writes that each of its reads must see; nil for other accesses and unknown ones.
  private var readsOfJobs: [Int: [ReadExpectation?]] = [:]
  // The jobs that wait for memory that a later step writes.
  private var waiting: [Int] = []
  private var writtenByCPU: Set<Int> = []
  private let jobOfWrite: [Int: Int]
  private let releases: SyncReleases

  init(_ script: Script, _ bytes: WriteBytes, hasImplicitFences: [Bool], runsJobs: Bool) {
    self.script = script
    self.hasImplicitFences = hasImplicitFences
    self.runsJobs = runsJobs
    var jobOfWrite: [Int: Int] = [:]
    for (job, description) in script.jobs.enumerated() {
      for case .write(let number) in description.accesses.map(\.kind) { jobOfWrite[number] = job }
    }
    self.jobOfWrite = jobOfWrite
    releases = SyncReleases(script, bytes)
  }

  /// Jobs without a wait so far, in order of submission.
  var pendingJobs: [Int] { submitted.filter { !done.contains($0) } }

  /// The jobs that must have run before a job, in order of submission.
  func jobs(before job: Int) -> [Int] { (predecessors[job] ?? []).sorted() }

  /// Notes a write by the CPU.
  mutating func write(_ number: Int, _ access: ScriptAccess) {
    state.histories[script.memory(of: access.buffer), default: WriteHistory()].record(
      .write(number), access.range)
    guard !releases.isEmpty else { return }
    writtenByCPU.insert(number)
    expectReadsOfWaitingJobs()
  }

  /// Returns the writes that a read of the CPU must see now.
  func expectation(of access: ScriptAccess) -> ReadExpectation {
    expectation(of: access, by: state)
  }

  /// Returns the writes that a job's read must see; nil for a write, and where they are unknown.
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
    submitted.append(job)
    readsOfJobs[job] = script.jobs[job].accesses.map { _ in nil }
    waiting.append(job)
    expectReadsOfWaitingJobs()
  }

  /// Computes what the reads of jobs must see, up to a wait for memory that nothing has written yet.
  private mutating func expectReadsOfWaitingJobs() {
    waiting = waiting.filter { job in
      var seen = state
      for other in pendingJobs where predecessors[job]?.contains(other) == true {
        run(other, in: &seen)
      }
      var reads = readsOfJobs[job] ?? []
      let end = run(job, in: &seen) { index, expectation in
        if reads[index] == nil { reads[index] = expectation }
      }
      readsOfJobs[job] = reads
      return end < script.jobs[job].accesses.count
    }
  }

  /// Notes a wait for a job, which also covers the jobs that it waits for.
  mutating func wait(for job: Int) {
    let ended = (predecessors[job] ?? []).union([job])
    for job in pendingJobs where ended.contains(job) {
      run(job, in: &state)
      done.insert(job)
    }
  }

  /// Notes a START, which waits for the fences at the memory.
  mutating func start(_ buffer: Int) {
    let memory = script.memory(of: buffer)
    for job in pendingJobs where leavesFence(job, memory) { wait(for: job) }
  }

  /// Runs a job's next accesses, up to `end`, and before them what releases its waits for memory.
  ///
  /// Returns the number of accesses that ran. With `onRead`, it stops at a wait for memory that nothing has written
  /// yet; behind a wait that several writes can end, reads can see anything.
  @discardableResult
  private func run(
    _ job: Int, to end: Int = .max, in state: inout State,
    _ onRead: ((Int, ReadExpectation) -> Void)? = nil
  ) -> Int {
    var isKnown = true
    let accesses = script.jobs[job].accesses
    let first = state.progress[job] ?? 0
    guard first < min(end, accesses.count) else { return first }
    for index in first..<min(end, accesses.count) {
      let access = accesses[index]
      state.progress[job] = index + 1
      switch access.kind {
      case .read:
        onRead?(index, isKnown ? expectation(of: access, by: state) : .anything(access.range))
      case .write(let number):
        state.histories[script.memory(of: access.buffer), default: WriteHistory()].record(
          runsJobs && !skipped.contains(job) ? .write(number) : .unknown, access.range)
      case .syncWait:
        switch releases[job, index] {
        case .cpu(let write)? where writtenByCPU.contains(write): break
        case .job(let other, let place)? where submitted.contains(other) && other != job:
          for earlier in (predecessors[other] ?? []).sorted() where !done.contains(earlier) {
            run(earlier, in: &state)
          }
          run(other, to: place + 1, in: &state)
        case .some where onRead != nil: return index
        case .some: break
        case .none: isKnown = false
        }
      }
    }
    return state.progress[job] ?? 0
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

  private func expectation(of access: ScriptAccess, by state: State) -> ReadExpectation {
    let history = state.histories[script.memory(of: access.buffer)] ?? WriteHistory()
    let pieces = history.writers(of: access.range)
    guard case .read(sees: let named?) = access.kind else {
      return ReadExpectation(pieces: pieces, named: nil)
    }
    if named == ScriptAccess.zeroes { return ReadExpectation(pieces: pieces, named: .zeroes) }
    guard !isUnknown(named) else {
      return .anything(access.range)
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

  /// Bytes that are not judged.
  static func anything(_ range: Range<UInt64>) -> ReadExpectation {
    ReadExpectation(pieces: [WriteHistory.Piece(range: range, writer: .unknown)], named: nil)
  }

  /// Whether the script names a write other than the last one ordered before: then no bytes are right.
  var isRace: Bool {
    guard let named else { return false }
    return pieces.contains { $0.writer != named && $0.writer != .unknown }
  }
}
