// SPDX-License-Identifier: MIT

public import Litmus

/// Proves a script over every eviction, fill and timing of devices, or finds what can go wrong.
public struct Explorer: Sendable {
  /// The limits of a search.
  public struct Limits: Sendable {
    /// The most visited runs of bytes; a script that needs more is undecided.
    public var visits = 200_000_000
    /// The most entries of the table of job order, jobs times queues; a script that needs more is undecided.
    public var orderEntries = 1 << 25
    /// The most reads for which a schedule is searched.
    public var findings = 20
    /// The most visited runs of bytes in the search for advice on a proved script; 0 for no advice.
    public var adviceVisits = 20_000_000
    /// The most visited runs of bytes in the search for repairs.
    public var repairVisits = 5_000_000

    /// Creates limits for interactive use.
    public init() {}
  }

  private let limits: Limits

  /// Creates an explorer.
  public init(_ limits: Limits = Limits()) {
    self.limits = limits
  }

  /// Explores a script.
  ///
  /// - Throws: an error for a read that names a write other than the last one ordered before it.
  public func explore(_ script: Script, on platform: Platform) throws(ScriptError) -> Exploration {
    if let reason = script.unexploredReason { return Exploration(unexplored: reason, script) }
    let platform = platform.claiming(by: script)
    let entries = script.jobs.count * script.queues.count
    guard entries <= limits.orderEntries else {
      return Exploration(script, undecidedAt: .orderEntries(limits.orderEntries))
    }
    let examination = Examination(
      script, on: platform, mostVisits: limits.visits, mostReads: limits.findings)
    let analysis = examination.analysis
    if let contradiction = analysis.contradictions.first {
      throw Self.error(contradiction, in: script)
    }
    let found = examination.faults.map { examination.investigator.finding($0) }
    let findings = (examination.others + found).sorted { $0.position.line < $1.position.line }
    let verdict: Exploration.Verdict
    if let (step, reason) = examination.program.obstacle, findings.isEmpty,
      analysis.badReads.isEmpty
    {
      verdict = .impossible(step: step, reason: reason)
    } else if !findings.isEmpty || !analysis.badReads.isEmpty {
      verdict = .finding
    } else {
      verdict = analysis.isExhausted ? .undecided(bound: .visits(limits.visits)) : .proved
    }
    var advisor = Advisor(script, platform, examination, mostVisits: limits.adviceVisits)
    return Exploration(
      verdict: verdict, findings: findings,
      furtherReads: analysis.badReads.count - Set(examination.faults.map(\.suspicion.read)).count,
      readsWithoutSchedule: examination.readsWithoutSchedule,
      advice: verdict == .proved && limits.adviceVisits > 0 ? advisor.advice() : nil,
      reads: script.readCount, operations: examination.program.operations.count,
      visits: analysis.visits, maintainedBytes: examination.program.maintainedBytes(in: script),
      badReads: analysis.badReads)
  }

  /// Searches for edits of a script's syncs and waits that remove its findings.
  public func repairs(
    of exploration: Exploration, of script: Script, on platform: Platform
  ) -> Repairs {
    var search = RepairSearch(script, platform.claiming(by: script), limits)
    return search.repairs(of: exploration)
  }

  private static func error(
    _ found: LastWrites.Contradiction, in script: Script
  ) -> ScriptError {
    ScriptError(
      script.access(found.read).position,
      "this read cannot see '\(script.name(ofWrite: found.named))': the last write ordered before it is "
        + "'\(script.name(ofWrite: found.last))'")
  }
}

extension Exploration {
  fileprivate init(unexplored reason: String, _ script: Script) {
    self.init(
      verdict: .unexplored(reason: reason), findings: [], furtherReads: 0,
      readsWithoutSchedule: 0, advice: nil,
      reads: script.readCount, operations: 0, visits: 0, maintainedBytes: 0, badReads: [])
  }
}

extension Script {
  /// The reason why the script is not explored; nil where it is.
  fileprivate var unexploredReason: String? {
    for job in jobs {
      for access in job.accesses {
        guard case .syncWait = access.kind else { continue }
        return "\(access.position): a queue that waits for memory is not explored; "
          + "'gemsync run' runs it"
      }
    }
    return nil
  }

  /// The number of reads of the CPU and of jobs.
  var readCount: Int {
    let byCPU = steps.count { step in
      if case .access(let access) = step.action { access.isRead } else { false }
    }
    return byCPU + jobs.reduce(0) { $0 + $1.accesses.count(where: \.isRead) }
  }
}
