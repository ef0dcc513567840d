// SPDX-License-Identifier: MIT

internal import Litmus

/// All operations of a script on one byte and its line.
struct ByteHistory {
  private(set) var points: [BytePoint] = []
  private(set) var events: [ByteEvent] = []
  /// The last write ordered before the target read, and the operation that issues it.
  private(set) var expected = (write: ScriptAccess.zeroes, operation: 0)
  /// The operation of the target read, or of its job's submission.
  private(set) var readOperation = 0
  /// The writes that the target read can come before or after.
  private(set) var rivals: [Int] = []
  /// Whether more accesses of jobs are pending than a search can order.
  private(set) var isTooLong = false
  static let mostPending = 256
  // Of accesses that may also happen after the read, those of more jobs are left out: they happen later.
  private static let mostUnordered = 16

  private let program: Program
  private let memory: Int
  private let byte: UInt64
  private let line: Range<UInt64>
  private let read: ReadID
  private let jobs: JobTimes
  // Whether accesses happen in the order of the script, as if it waited for each job at once.
  private let isSerial: Bool
  private var open: [Int] = []
  private var lastStep = -1
  // The operation of the target read, or the one that submits its job.
  private let target: Int

  /// Collects the operations for a read.
  ///
  /// - Parameter isSerial: takes only executions in which the accesses to the byte are in the script's order.
  init(
    _ transitions: LineTransitions, of byte: UInt64, in memory: Int, for read: ReadID,
    isSerial: Bool = false
  ) {
    program = transitions.program
    jobs = transitions.jobs
    self.memory = memory
    self.byte = byte
    self.read = read
    self.isSerial = isSerial
    line = transitions.lines(byte..<byte + 1)
    target =
      program.operations.firstIndex { operation in
        switch (read, operation.kind) {
        case (.cpu(let step), .load): operation.step == step
        case (.device(let job, _), .submit(let submitted)): submitted == job
        default: false
        }
      } ?? .max
    for (index, operation) in program.operations.enumerated() where !isTooLong {
      add(index, operation)
      switch read {
      case .cpu(let step) where operation.step > step: return
      // What comes after the end of the job is not seen by its reads.
      case .device(let job, _) where jobs.end(of: job) <= index: return
      default: break
      }
    }
  }

  private mutating func add(_ index: Int, _ operation: MicroOperation) {
    switch operation.kind {
    case .allocate(memory): append(index, operation, .allocate)
    case .store(memory, let range, let write, let isCached) where range.overlaps(line):
      if range.contains(byte) {
        if isSerial { waitForAll(index, operation) }
        if let job = readingJob, !jobs.isDone(job, at: index) { rivals.append(write) }
        append(index, operation, .store(write: write, isCached: isCached))
        if readOperation == 0 { expected = (write, index) }
      } else if isCached {
        append(index, operation, .storeBeside)
      }
    case .load(memory, let range, let isCached) where range.overlaps(line):
      let isTarget = read == .cpu(step: operation.step) && range.contains(byte)
      if isTarget {
        if isSerial { waitForAll(index, operation) }
        expectLast(before: index)
      }
      append(index, operation, .load(isCached: isCached, isTarget: isTarget))
    case .maintain(memory, let range, let maintenance):
      let isPartial = range.lowerBound > line.lowerBound || range.upperBound < line.upperBound
      guard range.overlaps(line) else { return }
      append(
        index, operation,
        .maintain(maintenance == .invalidate && isPartial ? .cleanAndInvalidate : maintenance))
    case .submit(let job): submit(job, index, operation)
    case .wait: close(index, operation, isWhileWaiting: false)
    case .waitForFences: close(index, operation, isWhileWaiting: true)
    default: break
    }
  }

  private mutating func append(
    _ index: Int, _ operation: MicroOperation, _ action: BytePoint.Action,
    isWhileWaiting: Bool = false
  ) {
    points.append(
      BytePoint(
        operation: index, step: operation.step,
        isFree: operation.step != lastStep || isWhileWaiting, isWhileWaiting: isWhileWaiting,
        action: action))
    lastStep = operation.step
  }

  private mutating func submit(_ job: Int, _ index: Int, _ operation: MicroOperation) {
    let before = events.count
    for (number, access) in program.jobs[job].enumerated()
    where access.memory == memory && access.range.contains(byte) {
      let isTarget = read == .device(job: job, access: number)
      // Other reads have no effect.
      guard access.write != nil || isTarget else { continue }
      if isTarget { expectLast(before: index, by: job) }
      if let write = access.write, let reader = readingJob, reader != job,
        !precedes(reader, job, at: index)
      {
        rivals.append(write)
      }
      guard isTarget || !canBeLeftOut(job) else {
        if let write = access.write, index < target { rivals.append(write) }
        continue
      }
      // The others have happened at an earlier wait.
      let after = open.filter { isSerial || precedes(events[$0].job, job, at: index) }
      guard open.count < Self.mostPending else {
        isTooLong = true
        return
      }
      open.append(events.count)
      events.append(
        ByteEvent(
          job: job, access: number, write: access.write, isSnooping: access.isSnooping,
          isTarget: isTarget, submitted: index, after: after))
    }
    if events.count > before { append(index, operation, .submit(events: events.count)) }
  }

  /// Whether a job may run after the read, and enough such jobs are in the history.
  private func canBeLeftOut(_ job: Int) -> Bool {
    guard !isSerial, open.count >= Self.mostUnordered, jobs.end(of: job) >= target else {
      return false
    }
    if case .device(let reader, _) = read { return job != reader && !jobs.precedes(job, reader) }
    return true
  }

  /// The job of the target read, once it is submitted.
  private var readingJob: Int? {
    guard readOperation > 0, case .device(let job, _) = read else { return nil }
    return job
  }

  /// Whether a job's accesses precede those of another one, which is submitted by an operation.
  private func precedes(_ other: Int, _ job: Int, at operation: Int) -> Bool {
    other == job || jobs.isDone(other, at: operation) || jobs.precedes(other, job)
  }

  /// Finds the last write ordered before the target read.
  private mutating func expectLast(before index: Int, by job: Int? = nil) {
    readOperation = index
    for event in events {
      guard let write = event.write else { continue }
      let isBefore =
        job.map { precedes(event.job, $0, at: index) } ?? jobs.isDone(event.job, at: index)
      if !isBefore { rivals.append(write) }
      guard event.submitted >= expected.operation else { continue }
      if isBefore || isSerial { expected = (write, event.submitted) }
    }
  }

  /// Requires the write that the script names, in place of the last one ordered before the read.
  mutating func expect(_ write: Int) { expected.write = write }

  /// Adds a point at which all events so far must have happened.
  private mutating func waitForAll(_ index: Int, _ operation: MicroOperation) {
    guard !open.isEmpty else { return }
    append(index, operation, .wait(events: open))
    open = []
  }

  /// Adds a point at which the events of all ended jobs must have happened.
  private mutating func close(
    _ index: Int, _ operation: MicroOperation, isWhileWaiting: Bool
  ) {
    let ended = open.filter { jobs.end(of: events[$0].job) <= index }
    guard !ended.isEmpty else { return }
    open.removeAll { jobs.end(of: events[$0].job) <= index }
    append(index, operation, .wait(events: ended), isWhileWaiting: isWhileWaiting)
  }
}
/// An operation of a script that affects one byte or its line.
struct BytePoint {
  enum Action {
    /// The memory is allocated.
    case allocate
    /// A store to the byte.
    case store(write: Int, isCached: Bool)
    /// A cached store to another byte of the line.
    case storeBeside
    /// A load from the line; `isTarget` marks the read under investigation.
    case load(isCached: Bool, isTarget: Bool)
    case maintain(MicroOperation.Maintenance)
    /// The first `events` accesses of jobs can happen from here on.
    case submit(events: Int)
    /// These accesses of jobs must have happened.
    case wait(events: [Int])
  }

  /// Its index in the program.
  let operation: Int
  let step: Int
  /// Whether evictions, fills and accesses can happen right before it: not inside a step.
  let isFree: Bool
  let isWhileWaiting: Bool
  let action: Action
}

/// A job's access to the byte.
struct ByteEvent {
  let job: Int
  let access: Int
  /// Nil for a read.
  let write: Int?
  let isSnooping: Bool
  let isTarget: Bool
  /// The operation that submits its job.
  let submitted: Int
  /// The earlier events that must have happened before it.
  let after: [Int]
}
