// SPDX-License-Identifier: MIT

/// The possible states of each byte of a run, and the pending accesses of jobs.
struct SegmentState: Equatable {
  /// The possible states where no access is pending.
  var states: LineStates
  /// The pending accesses; nil where there are none.
  var pending: Pending?

  /// A job's access, which can happen at any time up to the job's end.
  struct Event: Equatable {
    let job: Int
    let access: Int
    let isSnooping: Bool
  }

  /// A pending read.
  struct Read: Equatable {
    let event: Event
    /// The number of pending writes before it.
    var position: Int
  }

  struct Pending: Equatable {
    /// The possible states after each number of pending writes, from 0; empty where that number is impossible.
    var states: [LineStates]
    /// In order of submission, which is their order where they are ordered.
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

  /// Applies an operation of the CPU to all possible states, and then the pending writes.
  mutating func apply(_ table: LineTable, _ rules: LineRules) {
    guard var pending else {
      states = table(states)
      return
    }
    for index in pending.states.indices { pending.states[index] = table(pending.states[index]) }
    pending.settle(rules)
    self.pending = pending
  }

  /// Removes the accesses of ended jobs.
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
      // Of unordered writes, only the states that they lead to matter.
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
  /// Adds the states that each pending write leads to, in order.
  mutating func settle(_ rules: LineRules) {
    for (index, write) in writes.enumerated() {
      let table = write.isSnooping ? rules.snoopingStore : rules.deviceStore
      states[index + 1].bits |= table(states[index]).bits
    }
  }
}
