// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// A group of queues, whose jobs end together where one of them cannot: `struct panthor_group`.
final class PanthorGroup {
  /// Where jobs run in order; its registers outlive them.
  final class Queue {
    var registers = StreamRegisters()
  }

  let vm: PanthorVM
  let queues: [Queue]
  private let jobs: JobTable
  private var isTimedOut = false
  private var isDestroyed = false
  /// The queues that something went wrong on, by bit.
  private(set) var fatalQueues: UInt32 = 0

  init(in vm: PanthorVM, queues: Int, jobs: JobTable) {
    self.vm = vm
    self.queues = (0..<queues).map { _ in Queue() }
    self.jobs = jobs
  }

  /// Whether it takes jobs: `group_can_run`.
  var canRun: Bool { !isTimedOut && !isDestroyed && fatalQueues == 0 }

  /// `enum drm_panthor_group_state_flags`.
  var state: UInt32 {
    (isTimedOut ? UInt32(CDRM_PANTHOR_GROUP_STATE_TIMEDOUT) : 0)
      | (fatalQueues != 0 ? UInt32(CDRM_PANTHOR_GROUP_STATE_FATAL_FAULT) : 0)
  }

  /// Where a queue's jobs stand in the table.
  func jobQueue(_ index: Int) -> JobQueue { .stream(group: ObjectIdentifier(self), index) }

  /// Cancels what it has: nobody can name it any more.
  func destroy() {
    let wasRunning = canRun
    isDestroyed = true
    if wasRunning { terminate() }
  }

  /// A job of a queue ended; one that went wrong takes all others with it.
  func jobEnded(on queue: Int, _ error: Errno?) {
    guard canRun, let error else { return }
    if error == StreamJob.timeOut {
      isTimedOut = true
    } else {
      fatalQueues |= 1 << UInt32(queue)
    }
    terminate()
  }

  /// Ends what has begun; what has not ends when its turn comes.
  private func terminate() {
    var errors: [Int: Errno] = [:]
    for index in queues.indices {
      let queued = jobs.jobs { $0.queue == jobQueue(index) }
      let numbers = Set(queued.map(\.number))
      let begun = queued.prefix { job in
        job.waitsFor.allSatisfy { $0.isSignaled || $0.job.map(numbers.contains) == true }
      }
      for job in queued.dropFirst(begun.count) { (job.program as? StreamJob)?.giveUp() }
      let isFatal = fatalQueues >> UInt32(index) & 1 == 1
      for job in begun {
        errors[job.number] = isFatal ? .EINVAL : isTimedOut ? StreamJob.timeOut : .ECANCELED
      }
    }
    jobs.end(errors)
  }
}
