// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import LitmusExplorer
internal import Litmus

/// One finding, with its timeline and a schedule that reproduces it.
public struct FindingRow: Sendable, Encodable {
  public let name: String
  public let position: String
  /// What happens, in a sentence.
  public let text: String
  /// How to repair it.
  @Nullable public private(set) var advice: String?
  /// Cache and memory after each event.
  public let timeline: [TimelineRow]
  /// The schedule for `gemsync run --schedule`.
  @Nullable public private(set) var schedule: ScheduleFile?
  /// What the mock showed under the schedule; null where it was not replayed.
  @Nullable public private(set) var replay: String?

  /// One event.
  public struct TimelineRow: Sendable, Encodable {
    /// The source line of the step; null for an event without a step.
    public let line: Int?
    public let what: String
    /// `absent`, `clean` or `dirty`, and the write that the cache line holds.
    public let cache: String
    public let memory: String
  }

  init(_ finding: Finding, of script: Script, replay: String?) {
    name = finding.label
    position = "\(finding.position)"
    advice = finding.name?.advice
    self.replay = replay
    switch finding.evidence {
    case .result(let wrong):
      let expected = script.steps[wrong.step].errno.map { "\($0)" } ?? "success"
      text = "the kernel returns \(wrong.errno.map { "\($0)" } ?? "success"), not \(expected)"
      timeline = []
      schedule = nil
    case .read(let wrong):
      let reader: String
      switch wrong.read {
      case .cpu: reader = "the CPU"
      case .device(let job, _): reader = "job \(script.jobs[job].name)"
      }
      text =
        "\(reader) reads bytes \(wrong.range) of '\(script.buffers[wrong.buffer].name)' and may see "
        + "\(script.name(ofWrite: wrong.seen)), not \(script.name(ofWrite: wrong.expected))"
      timeline = wrong.timeline.map { entry in
        TimelineRow(
          line: entry.position?.line, what: entry.what,
          cache: entry.value.line == .absent
            ? "absent" : "\(entry.value.line.rawValue) \(script.name(ofWrite: entry.value.cpu))",
          memory: script.name(ofWrite: entry.value.memory))
      }
      schedule = ScheduleFile(wrong.schedule, of: script)
    }
  }
}
