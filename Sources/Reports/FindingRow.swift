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
  /// The edits that repair it; null where there is no repair, or none was searched for.
  @Nullable public private(set) var repair: RepairRow?
  /// Why it has no repair, as a word; null where it has one.
  @Nullable public private(set) var noRepair: String?
  /// How to repair it, or why no sync or wait does, in a sentence.
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

  enum CodingKeys: String, CodingKey {
    case name, position, text, repair, advice, timeline, schedule, replay
    case noRepair = "no_repair"
  }

  init(
    _ finding: Finding, of script: Script, _ outcome: Repairs.Outcome?, _ words: RepairText?,
    replay: String?
  ) {
    name = finding.label
    position = "\(finding.position)"
    self.replay = replay
    switch outcome {
    case .repair(let found):
      guard let words else { break }
      let row = RepairRow(found.edits, of: script, words)
      advice = row.text + (found.reason.map { " (\($0))" } ?? "")
      repair = row
    case .unrepaired(let reason): (noRepair, advice) = (reason.rawValue, reason.text)
    case nil: break
    }
    switch finding.evidence {
    case .result(let wrong):
      let expected = script.steps[wrong.step].errno.map { "\($0)" } ?? "success"
      text = "the kernel returns \(wrong.errno.map { "\($0)" } ?? "success"), not \(expected)"
      timeline = []
      schedule = nil
    case .unpaired(let step):
      text = script.textOfUnpaired(step)
      timeline = []
      schedule = nil
    case .read(let wrong):
      text = script.text(of: wrong)
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
