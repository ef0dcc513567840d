// SPDX-License-Identifier: MIT

public import LitmusExplorer
public import Litmus
public import Policies

/// The results of `gemsync explore` in JSON.
public struct ExplorationReport: Sendable, JSONDocument {
  /// 2 since findings have repairs as edits.
  public static let currentSchemaVersion = 2

  public let schemaVersion: Int
  /// The assumptions of every proof.
  public let assumptions: [String]
  public let explorations: [ExplorationRow]

  /// Creates a report.
  public init(_ rows: [ExplorationRow]) {
    schemaVersion = Self.currentSchemaVersion
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
  /// All repairs together; null where no finding has one.
  @Nullable public private(set) var combinedRepair: CombinedRepairRow?
  /// Null where no advice was searched for.
  @Nullable public private(set) var advice: [AdviceRow]?
  /// Redundant syncs that can be removed together; null where fewer than two are redundant.
  @Nullable public private(set) var removable: RemovableRow?
  /// The searches that ended at a bound, each in a sentence.
  public private(set) var bounds: [String] = []
  public let operations: Int
  public let visits: Int

  /// Creates the row of an exploration.
  ///
  /// - Parameters:
  ///   - repairs: the repairs of the findings, with the words for them; nil where none were searched for.
  ///   - replays: what the mock showed for each finding; nil where the finding was not replayed.
  public init(
    _ exploration: Exploration, of script: Script, device: String,
    repairs: (Repairs, RepairText)? = nil, replays: [String?] = []
  ) {
    self.script = script.path
    self.device = device
    switch exploration.verdict {
    case .proved: verdict = "proved"
    case .finding: verdict = "finding"
    case .undecided(let bound):
      verdict = "undecided"
      reason = "\(bound)"
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
        finding, of: script,
        repairs.flatMap { $0.0.outcomes.indices.contains(index) ? $0.0.outcomes[index] : nil },
        repairs?.1, replay: replays.indices.contains(index) ? replays[index] : nil)
    }
    if let (repairs, words) = repairs {
      combinedRepair = repairs.combination.map { CombinedRepairRow($0, of: script, words) }
      if let bound = repairs.exceededBound {
        bounds.append("the search for repairs ended at its bound of \(bound) visits")
      }
    }
    if exploration.readsWithoutSchedule > 0 {
      bounds.append(
        "\(exploration.readsWithoutSchedule) of these reads have no schedule within the bounds of "
          + "\(Exploration.scheduleBounds)")
    }
    advice = exploration.advice?.items.map { item in
      AdviceRow(item, of: script, isAlone: exploration.advice?.standsAlone(item) == true)
    }
    removable = exploration.advice.flatMap { RemovableRow($0) }
    if let bound = exploration.advice?.exceededBound {
      bounds.append("the search for advice ended at its bound of \(bound) visits")
    }
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
    case script, device, verdict, reason, reads, findings, advice, removable, bounds, operations,
      visits
    case combinedRepair = "combined_repair"
    case badReads = "bad_reads"
    case furtherReads = "further_reads"
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
