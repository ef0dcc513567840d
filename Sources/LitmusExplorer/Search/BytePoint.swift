// SPDX-License-Identifier: MIT

/// A moment of a script that matters to one byte and its line.
struct BytePoint {
  enum Action {
    case begin
    /// A store to the byte, or to another of its line.
    case store(write: Int, isCached: Bool)
    case storeBeside
    /// A load of the byte, or of another of its line; `isTarget` where it is the read in question.
    case load(isCached: Bool, isTarget: Bool)
    case maintain(MicroOperation.Maintenance)
    /// Accesses of jobs come to be possible, up to this many.
    case submit(events: Int)
    /// Accesses must have happened by now.
    case wait(events: [Int])
  }

  /// Its place in the program.
  let operation: Int
  let step: Int
  /// Whether anything may happen right before it: not between the operations of one step.
  let isFree: Bool
  let isWhileWaiting: Bool
  let action: Action
}

/// A job's access to that byte.
struct ByteEvent {
  let job: Int
  let access: Int
  /// Nil for a read.
  let write: Int?
  let isSnooping: Bool
  let isTarget: Bool
  /// Where in the program its job is submitted.
  let submitted: Int
  /// Which of the events before it must have happened.
  let after: [Int]
}
