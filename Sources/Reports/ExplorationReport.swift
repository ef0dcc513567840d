// SPDX-License-Identifier: MIT

public import LitmusExplorer
public import Litmus

/// What was decided of scripts, as it is written down.
public struct ExplorationReport: Sendable, Encodable {
  public let schemaVersion: Int
  /// What every proof takes for granted.
  public let assumptions: [String]
  public let explorations: [ExplorationRow]

  /// Collects rows.
  public init(_ rows: [ExplorationRow]) {
    schemaVersion = Report.currentSchemaVersion
    assumptions = Exploration.assumptions
    explorations = rows
  }

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case assumptions, explorations
  }

  /// Writes the report as JSON: keys sorted, one trailing newline.
  public func json() -> String { JSON.text(self) }
}

/// One script on one platform.
public struct ExplorationRow: Sendable, Encodable {
  public let script: String
  /// The device asked for, as `mock:` and a profile.
  public let device: String
  /// `proved`, `finding`, `undecided` or `skip`.
  public let verdict: String
  public let reason: String?
  public let reads: Int
  public let badReads: Int
  /// How many of those have no finding here: nobody looked for a schedule.
  public let furtherReads: Int
  public let findings: [FindingRow]
  /// Null where it was not looked for.
  public let advice: [AdviceRow]?
  public let operations: Int
  public let visits: Int

  /// Writes an exploration down; `replays` says of each finding what the mock showed, nil where it was not asked.
  public init(
    _ exploration: Exploration, of script: Script, device: String, replays: [String?] = []
  ) {
    self.script = script.path
    self.device = device
    switch exploration.verdict {
    case .proved: (verdict, reason) = ("proved", nil)
    case .finding: (verdict, reason) = ("finding", nil)
    case .undecided(let bound):
      verdict = "undecided"
      reason = "the bound of \(bound) visits was reached first"
    case .impossible(let step, let why):
      verdict = "skip"
      reason = "\(script.steps[step].position): \(why)"
    }
    reads = exploration.reads
    badReads = exploration.badReads.count
    furtherReads = exploration.furtherReads
    findings = exploration.findings.enumerated().map { index, finding in
      FindingRow(
        finding, of: script, replay: replays.indices.contains(index) ? replays[index] : nil)
    }
    advice = exploration.advice?.map { AdviceRow($0, of: script) }
    operations = exploration.operations
    visits = exploration.visits
  }

  /// Writes down that a device is none for a script.
  public init(skipping script: Script, device: String, reason: String) {
    self.script = script.path
    self.device = device
    self.reason = reason
    verdict = "skip"
    (reads, badReads, furtherReads, operations, visits) = (0, 0, 0, 0, 0)
    findings = []
    advice = nil
  }

  enum CodingKeys: String, CodingKey {
    case script, device, verdict, reason, reads, findings, advice, operations, visits
    case badReads = "bad_reads"
    case furtherReads = "further_reads"
  }

  /// Writes every key, null where there is no value.
  public func encode(to encoder: any Encoder) throws {
    var row = encoder.container(keyedBy: CodingKeys.self)
    try row.encode(script, forKey: .script)
    try row.encode(device, forKey: .device)
    try row.encode(verdict, forKey: .verdict)
    try row.encode(reason, forKey: .reason)
    try row.encode(reads, forKey: .reads)
    try row.encode(badReads, forKey: .badReads)
    try row.encode(furtherReads, forKey: .furtherReads)
    try row.encode(findings, forKey: .findings)
    try row.encode(advice, forKey: .advice)
    try row.encode(operations, forKey: .operations)
    try row.encode(visits, forKey: .visits)
  }
}

/// One piece of advice.
public struct AdviceRow: Sendable, Encodable {
  public let name: String
  public let position: String
  public let buffer: String
  /// In bytes.
  public let wasted: UInt64
  public let text: String

  init(_ advice: Advice, of script: Script) {
    name = advice.label
    position = "\(advice.position)"
    buffer = script.buffers[advice.buffer].name
    wasted = advice.unneededBytes
    text =
      switch advice.kind {
      case .redundant:
        "without this sync of '\(script.buffers[advice.buffer].name)' the script is still proved"
      case .overwide(let needed):
        "bytes \(needed) of '\(script.buffers[advice.buffer].name)' are enough: \(advice.unneededBytes) bytes are "
          + "maintained for nothing"
      }
  }
}
