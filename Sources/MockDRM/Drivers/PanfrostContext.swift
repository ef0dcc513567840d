// SPDX-License-Identifier: MIT

/// Queues of jobs of their own, one for each slot: `struct panfrost_jm_ctx`.
final class PanfrostContext {
  /// The slots that jobs are put on: 0 for fragment jobs, 1 for all others.
  static let slots = 0...1

  /// The queue of a slot.
  func queue(_ slot: Int) -> JobQueue { .slot(context: ObjectIdentifier(self), slot) }

  /// Whether a job is on one of its queues.
  func owns(_ job: MockJob) -> Bool { Self.slots.contains { job.queue == queue($0) } }
}
