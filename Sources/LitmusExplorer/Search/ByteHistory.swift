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

  private let program: Program
  private let memory: Int
  private let byte: UInt64
  private let line: Range<UInt64>
  private let read: ReadID
  private var order: JobOrder
  private var open: [Int] = []
  private var lastStep = -1

  init(
    _ script: Script, _ program: Program, on platform: Platform, of byte: UInt64, in memory: Int,
    for read: ReadID
  ) {
    self.program = program
    self.memory = memory
    self.byte = byte
    self.read = read
    let start = byte / platform.lineSize * platform.lineSize
    line = start..<start + platform.lineSize
    order = JobOrder(script, on: platform)
    for (index, operation) in program.operations.enumerated() {
      add(index, operation)
      if case .cpu(let step) = read, operation.step > step { break }
    }
  }

  private mutating func add(_ index: Int, _ operation: MicroOperation) {
    switch operation.kind {
    case .allocate(memory): append(index, operation, .allocate)
    case .store(memory, let range, let write, let isCached) where range.overlaps(line):
      if range.contains(byte) {
        append(index, operation, .store(write: write, isCached: isCached))
        if readOperation == 0 { expected = (write, index) }
      } else if isCached {
        append(index, operation, .storeBeside)
      }
    case .load(memory, let range, let isCached) where range.overlaps(line):
      let isTarget = read == .cpu(step: operation.step) && range.contains(byte)
      if isTarget { expectLast(before: index) }
      append(index, operation, .load(isCached: isCached, isTarget: isTarget))
    case .maintain(memory, let range, let maintenance):
      let isPartial = range.lowerBound > line.lowerBound || range.upperBound < line.upperBound
      guard range.overlaps(line) else { return }
      append(
        index, operation,
        .maintain(maintenance == .invalidate && isPartial ? .cleanAndInvalidate : maintenance))
    case .submit(let job): submit(job, index, operation)
    case .wait(let job):
      order.wait(for: job)
      close(index, operation, isWhileWaiting: false)
    case .waitForFences(let memory):
      order.waitForFences(of: memory)
      close(index, operation, isWhileWaiting: true)
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
    order.submit(job)
    let before = events.count
    for (number, access) in program.jobs[job].enumerated()
    where access.memory == memory && access.range.contains(byte) {
      let isTarget = read == .device(job: job, access: number)
      // Other reads have no effect.
      guard access.write != nil || isTarget else { continue }
      if isTarget {
        expectLast(before: index, by: job)
      }
      let after = events.indices.filter { precedes($0, job) }
      open.append(events.count)
      events.append(
        ByteEvent(
          job: job, access: number, write: access.write, isSnooping: access.isSnooping,
          isTarget: isTarget, submitted: index, after: after))
    }
    if events.count > before { append(index, operation, .submit(events: events.count)) }
  }

  /// Whether an event precedes the start of a job, or is an earlier one of that job.
  private func precedes(_ event: Int, _ job: Int) -> Bool {
    let other = events[event].job
    return other == job || order.isDone(other) || order.precedes(other, job)
  }

  /// Finds the last write ordered before the target read.
  private mutating func expectLast(before index: Int, by job: Int? = nil) {
    readOperation = index
    for (number, event) in events.enumerated() {
      guard let write = event.write, event.submitted >= expected.operation else { continue }
      let isBefore = job.map { precedes(number, $0) } ?? order.isDone(event.job)
      if isBefore { expected = (write, event.submitted) }
    }
  }

  /// Adds a point at which the events of all ended jobs must have happened.
  private mutating func close(
    _ index: Int, _ operation: MicroOperation, isWhileWaiting: Bool
  ) {
    let ended = open.filter { order.isDone(events[$0].job) }
    guard !ended.isEmpty else { return }
    open.removeAll { order.isDone(events[$0].job) }
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
