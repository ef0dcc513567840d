// SPDX-License-Identifier: MIT

public import LitmusExplorer
public import Litmus
public import Policies

/// The results of `gemsync explore` in JSON.
public struct ExplorationReport: Sendable, JSONDocument {
  public let schemaVersion: Int
  /// The assumptions of every proof.
  public let assumptions: [String]
  public let explorations: [ExplorationRow]

  /// Creates a report.
  public init(_ rows: [ExplorationRow]) {
    schemaVersion = Report.currentSchemaVersion
    assumptions = Exploration.assumptions
    explorations = rows
  }

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case assumptions, explorations
  }
}

/// The result of one script on one platform.
public struct ExplorationRow: Sendable, Encodable {
  public let script: String
  /// The name of the device, such as `mock:panthor`.
  public let device: String
  /// `proved`, `finding`, `undecided` or `skip`.
  public let verdict: String
  @Nullable public private(set) var reason: String?
  public let reads: Int
  public let badReads: Int
  /// How many of the bad reads have no finding here, as no schedule was searched for them.
  public let furtherReads: Int
  public let findings: [FindingRow]
  /// Null where no advice was searched for.
  @Nullable public private(set) var advice: [AdviceRow]?
  public let operations: Int
  public let visits: Int

  /// Creates the row of an exploration.
  ///
  /// - Parameter replays: what the mock showed for each finding; nil where the finding was not replayed.
  public init(
    _ exploration: Exploration, of script: Script, device: String, replays: [String?] = []
  ) {
    self.script = script.path
    self.device = device
    switch exploration.verdict {
    case .proved: verdict = "proved"
    case .finding: verdict = "finding"
    case .undecided(let bound):
      verdict = "undecided"
      reason = "the bound of \(bound) visits was reached first"
    case .unexplored(let why):
      verdict = "undecided"
      reason = why
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

  /// Creates the row of a device that a script cannot be explored for.
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
}

/// One piece of advice on a sync that is not needed, or too wide.
public struct AdviceRow: Hashable, Sendable, Codable {
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
        "bytes \(needed) of '\(script.buffers[advice.buffer].name)' are enough: "
          + "\(advice.unneededBytes) bytes are synced without need"
      }
  }
}

/// The results of `gemsync policies` in JSON.
public struct PolicyReport: Sendable, JSONDocument {
  public let schemaVersion: Int
  public let answers: [PolicyAnswer]

  /// Creates a report.
  public init(_ table: PolicyTable) {
    schemaVersion = Report.currentSchemaVersion
    answers = table.answers
  }

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case answers
  }
}
