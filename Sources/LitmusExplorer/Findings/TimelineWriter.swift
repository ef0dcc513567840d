// SPDX-License-Identifier: MIT

internal import DRMKernel
public import Litmus

/// Tells a trace as a person reads it.
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
    case .evict: entry.before.line == .dirty ? "the line is written back" : "the line is dropped"
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
    case .begin: return "the BO is made, its zeroes in the cache"
    case .store(let write, _): return "the CPU writes \(script.name(ofWrite: write))"
    case .storeBeside: return "the CPU writes beside it in the line"
    case .load: return "the CPU reads"
    case .maintain(.clean): return "the line is cleaned"
    case .maintain(.cleanAndInvalidate): return "the line is cleaned and invalidated"
    case .maintain(.invalidate):
      guard before.line == .dirty else { return "the line is invalidated" }
      return "the line is invalidated, its dirty bytes "
        + (outcome == .lose ? "lost" : "written back")
    case .submit: return "a job that uses it is submitted"
    case .wait(let events):
      let jobs = events.map { script.jobs[history.events[$0].job].name }
      return "\(Set(jobs).sorted().joined(separator: " and ")) has ended"
    }
  }
}

extension Script {
  /// What a write is called, where it may also be what a BO holds that nobody wrote.
  public func name(ofWrite write: Int) -> String {
    switch write {
    case ScriptAccess.zeroes: "zeroes"
    case LineValue.poison: "what was there before the zeroes"
    default: writes[write].name
    }
  }
}
