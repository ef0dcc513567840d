// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import LitmusExplorer
internal import Litmus

/// One finding, with its timeline and the schedule that shows it.
public struct FindingRow: Sendable, Encodable {
  public let name: String
  public let position: String
  /// What happens, in a sentence.
  public let text: String
  /// What to do about it.
  public let advice: String?
  /// What each moment leaves in the cache and in memory.
  public let timeline: [TimelineRow]
  /// What `gemsync run --schedule` plays.
  public let schedule: ScheduleFile?
  /// What the mock showed under that schedule; null where it was not asked.
  public let replay: String?

  /// One moment.
  public struct TimelineRow: Sendable, Encodable {
    /// The line of the step; null for what no step does.
    public let line: Int?
    public let what: String
    /// `absent`, `clean` or `dirty`, and the write its copy holds.
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
      text = "the kernel answers \(wrong.errno.map { "\($0)" } ?? "success"), not \(expected)"
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

  enum CodingKeys: String, CodingKey {
    case name, position, text, advice, timeline, schedule, replay
  }

  /// Writes every key, null where there is no value.
  public func encode(to encoder: any Encoder) throws {
    var row = encoder.container(keyedBy: CodingKeys.self)
    try row.encode(name, forKey: .name)
    try row.encode(position, forKey: .position)
    try row.encode(text, forKey: .text)
    try row.encode(advice, forKey: .advice)
    try row.encode(timeline, forKey: .timeline)
    try row.encode(schedule, forKey: .schedule)
    try row.encode(replay, forKey: .replay)
  }
}
