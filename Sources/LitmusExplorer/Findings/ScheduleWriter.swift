// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// Converts a trace into a schedule for a mock: evictions, fills, and accesses with all that precede them.
struct ScheduleWriter {
  private let script: Script
  private let history: ByteHistory
  private let jobs: JobTimes
  private var progress: [Int]
  private var events: [Schedule.Event] = []

  init(_ script: Script, _ jobs: JobTimes, _ history: ByteHistory) {
    self.script = script
    self.history = history
    self.jobs = jobs
    progress = [Int](repeating: 0, count: script.jobs.count)
  }

  /// Returns the schedule of a trace of a line of a BO.
  mutating func schedule(of trace: ByteTrace, buffer: Int, line: Range<UInt64>) -> Schedule {
    events = []
    for entry in trace.entries {
      let point = history.points.indices.contains(entry.point) ? history.points[entry.point] : nil
      let moment = Moment(
        step: point?.step ?? script.steps.count, operation: point?.operation ?? .max - 1,
        isWhileWaiting: point?.isWhileWaiting ?? false)
      switch entry.action {
      case .evict: append(.evict(buffer: buffer, range: line), at: moment)
      case .fill: append(.fill(buffer: buffer, range: line), at: moment)
      case .event(let event):
        run(history.events[event].job, upTo: history.events[event].access + 1, at: moment)
      case .point(let index, let outcome):
        guard case .maintain(.invalidate) = history.points[index].action,
          entry.before.line == .dirty
        else { continue }
        events.append(Schedule.Event(step: moment.step, action: .invalidation(outcome)))
      }
    }
    return Schedule(events: events)
  }

  private struct Moment {
    let step: Int
    let operation: Int
    let isWhileWaiting: Bool
  }

  private mutating func append(_ action: Schedule.Event.Action, at moment: Moment) {
    events.append(
      Schedule.Event(
        step: moment.step, isWhileWaiting: moment.isWhileWaiting, action: action))
  }

  /// Runs a job up to one of its accesses, after all jobs that it waits for.
  private mutating func run(_ job: Int, upTo access: Int, at moment: Moment) {
    guard jobs.end(of: job) >= moment.operation else { return }
    if progress[job] == 0 {
      for other in 0..<job where jobs.precedes(other, job) {
        run(other, upTo: script.jobs[other].accesses.count, at: moment)
      }
    }
    while progress[job] < access {
      append(.runAccess(job: job), at: moment)
      progress[job] += 1
    }
  }
}
