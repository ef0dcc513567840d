// SPDX-License-Identifier: MIT

/// What may be true of each byte of a run, and the jobs that have it in their hands.
struct SegmentState: Equatable {
  /// The states, where no job has.
  var states: LineStates
  /// What jobs are doing to it; nil where none is.
  var pending: Pending?

  /// A job's access, which may happen at any time up to the job's end.
  struct Event: Equatable {
    let job: Int
    let access: Int
    let isSnooping: Bool
  }

  /// A read that waits for its job to run.
  struct Read: Equatable {
    let event: Event
    /// How many of the pending writes are before it.
    var position: Int
  }

  struct Pending: Equatable {
    /// The states after each number of the pending writes, none first; empty where that cannot be any more.
    var states: [LineStates]
    /// In order of submission, which is their order wherever they have one.
    var writes: [Event] = []
    var reads: [Read] = []
    /// Writes that are not ordered before the last one.
    var rivals: [Event] = []
    /// Whether the CPU wrote last.
    var isLastByCPU = true

    init(_ states: LineStates) {
      self.states = [states]
    }
  }

  init(_ states: LineStates) {
    self.states = states
  }

  /// Applies an operation of the CPU to whatever may be true, and lets pending writes happen after it.
  mutating func apply(_ table: LineTable, _ rules: LineRules) {
    guard var pending else {
      states = table(states)
      return
    }
    for index in pending.states.indices { pending.states[index] = table(pending.states[index]) }
    pending.settle(rules)
    self.pending = pending
  }

  /// Forgets what is over.
  mutating func prune(_ isDone: (Int) -> Bool) {
    guard var pending else { return }
    pending.reads.removeAll { isDone($0.event.job) }
    var index = 0
    while index < pending.writes.count {
      guard isDone(pending.writes[index].job) else {
        index += 1
        continue
      }
      let before = pending.states.remove(at: index)
      // Of writes without an order, only what they leave of the line matters.
      if index > 0 { pending.states[index].bits |= before.bits }
      if index == pending.writes.count - 1 { pending.isLastByCPU = true }
      pending.writes.remove(at: index)
      for read in pending.reads.indices where pending.reads[read].position > index {
        pending.reads[read].position -= 1
      }
    }
    if pending.writes.isEmpty, pending.reads.isEmpty, pending.rivals.isEmpty {
      states = pending.states[0]
      self.pending = nil
    } else {
      self.pending = pending
    }
  }
}

extension SegmentState.Pending {
  /// Lets each pending write happen, in turn.
  mutating func settle(_ rules: LineRules) {
    for (index, write) in writes.enumerated() {
      let table = write.isSnooping ? rules.snoopingStore : rules.deviceStore
      states[index + 1].bits |= table(states[index]).bits
    }
  }
}
