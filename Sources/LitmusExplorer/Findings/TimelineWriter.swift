// SPDX-License-Identifier: MIT

internal import DRMKernel
public import Litmus

/// Converts a trace into a timeline for reports.
struct TimelineWriter {
  let script: Script
  let history: ByteHistory
  let trace: ByteTrace

  func timeline() -> [TimelineEntry] {
    trace.entries.map { entry in
      let step = step(entry)
      let isStep = if case .point = entry.action { true } else { false }
      return TimelineEntry(
        step: step, position: isStep ? script.steps[step].position : nil, what: what(entry),
        value: entry.after)
    }
  }

  private func step(_ entry: ByteTrace.Entry) -> Int {
    history.points.indices.contains(entry.point)
      ? history.points[entry.point].step : script.steps.count
  }

  private func what(_ entry: ByteTrace.Entry) -> String {
    switch entry.action {
    case .evict:
      entry.before.line == .dirty ? "the line is evicted and written back" : "the line is evicted"
    case .fill: "the line is fetched"
    case .event(let index): what(history.events[index])
    case .point(let index, let outcome): what(history.points[index], entry.before, outcome)
    }
  }

  private func what(_ event: ByteEvent) -> String {
    let job = script.jobs[event.job].name
    guard let write = event.write else { return "\(job) reads" }
    return "\(job) writes \(script.name(ofWrite: write))"
  }

  private func what(
    _ point: BytePoint, _ before: LineValue, _ outcome: InvalidationOutcome
  ) -> String {
    switch point.action {
    case .allocate: return "the BO is created, its zeroes are in the cache"
    case .store(let write, _): return "the CPU writes \(script.name(ofWrite: write))"
    case .storeBeside: return "the CPU writes other bytes of the line"
    case .load: return "the CPU reads"
    case .maintain(.clean): return "the line is cleaned"
    case .maintain(.cleanAndInvalidate): return "the line is cleaned and invalidated"
    case .maintain(.invalidate):
      guard before.line == .dirty else { return "the line is invalidated" }
      return "the line is invalidated, its dirty bytes are "
        + (outcome == .lose ? "lost" : "written back")
    case .submit: return "a job that uses the line is submitted"
    case .wait(let events):
      let jobs = events.map { script.jobs[history.events[$0].job].name }
      return "\(Set(jobs).sorted().joined(separator: " and ")) ended"
    }
  }
}

extension Script {
  /// Returns the name of a write, of the zeroes of a new BO, or of memory's previous contents.
  public func name(ofWrite write: Int) -> String {
    switch write {
    case ScriptAccess.zeroes: "zeroes"
    case LineValue.previousContents: "previous contents"
    default: writes[write].name
    }
  }
}
