// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// A group of queues: `struct panthor_group`.
///
/// A fault or timeout of one job ends the jobs of all queues.
final class PanthorGroup {
  /// A queue, whose registers keep their values between jobs.
  final class Queue {
    var registers = StreamRegisters()
  }

  let vm: PanthorVM
  let queues: [Queue]
  private let jobs: JobTable
  private var isTimedOut = false
  private var isDestroyed = false
  /// The queues with a fatal fault, by bit.
  private(set) var fatalQueues: UInt32 = 0

  init(in vm: PanthorVM, queues: Int, jobs: JobTable) {
    self.vm = vm
    self.queues = (0..<queues).map { _ in Queue() }
    self.jobs = jobs
  }

  /// Whether it accepts jobs: `group_can_run`.
  var canRun: Bool { !isTimedOut && !isDestroyed && fatalQueues == 0 }

  /// `enum drm_panthor_group_state_flags`.
  var state: UInt32 {
    (isTimedOut ? UInt32(CDRM_PANTHOR_GROUP_STATE_TIMEDOUT) : 0)
      | (fatalQueues != 0 ? UInt32(CDRM_PANTHOR_GROUP_STATE_FATAL_FAULT) : 0)
  }

  /// The queue of the job table for a queue of the group.
  func jobQueue(_ index: Int) -> JobQueue { .stream(group: ObjectIdentifier(self), index) }

  /// Cancels its jobs: GROUP_DESTROY, or the close of its file.
  func destroy() {
    let wasRunning = canRun
    isDestroyed = true
    if wasRunning { terminate() }
  }

  /// Called at the end of a job; an error ends the other jobs of the group.
  func jobEnded(on queue: Int, _ error: Errno?) {
    guard canRun, let error else { return }
    if error == StreamJob.timeoutError {
      isTimedOut = true
    } else {
      fatalQueues |= 1 << UInt32(queue)
    }
    terminate()
  }

  /// Ends the jobs that are on the device; others end once their fences are signaled.
  private func terminate() {
    var errors: [Int: Errno] = [:]
    for index in queues.indices {
      let queued = jobs.jobs { $0.queue == jobQueue(index) }
      let numbers = Set(queued.map(\.number))
      let started = queued.prefix { job in
        job.waitsFor.allSatisfy { $0.isSignaled || $0.job.map(numbers.contains) == true }
      }
      for job in queued.dropFirst(started.count) { (job.program as? StreamJob)?.abandon() }
      let isFatal = fatalQueues >> UInt32(index) & 1 == 1
      for job in started {
        errors[job.number] = isFatal ? .EINVAL : isTimedOut ? StreamJob.timeoutError : .ECANCELED
      }
    }
    jobs.end(errors)
  }
}
