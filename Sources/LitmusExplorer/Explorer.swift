// SPDX-License-Identifier: MIT

public import Litmus

/// Proves a script over every eviction, fill and timing of devices, or finds what can go wrong.
public struct Explorer: Sendable {
  /// The limits of a search.
  public struct Limits: Sendable {
    /// The most visited runs of bytes; a script that needs more is undecided.
    public var visits = 2_000_000_000
    /// The most reads for which a schedule is searched.
    public var findings = 20
    /// The most visited runs of bytes in the search for advice.
    public var adviceVisits = 20_000_000

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
    let rules = LineRules.all
    var builder = ProgramBuilder(script, on: platform)
    let program = builder.build()
    var analysis = LineAnalysis(
      script, program, on: platform, rules: rules, mostVisits: limits.visits)
    analysis.run()
    for contradiction in analysis.contradictions {
      throw error(contradiction, in: script)
    }
    let results = program.unexpectedResults.map { finding($0, in: script) }
    let reads = investigate(analysis, script, program, platform)
    let findings = (results + reads.findings).sorted { $0.position.line < $1.position.line }
    let verdict: Exploration.Verdict
    if let (step, reason) = program.obstacle, findings.isEmpty, analysis.badReads.isEmpty {
      verdict = .impossible(step: step, reason: reason)
    } else if !findings.isEmpty || !analysis.badReads.isEmpty {
      verdict = .finding
    } else {
      verdict = analysis.isExhausted ? .undecided(bound: limits.visits) : .proved
    }
    let advisor = Advisor(script: script, platform: platform, rules: rules)
    return Exploration(
      verdict: verdict, findings: findings, furtherReads: reads.further,
      advice: verdict == .proved
        ? advisor.advice(visitsEach: analysis.visits, mostVisits: limits.adviceVisits) : nil,
      reads: script.readCount, operations: program.operations.count, visits: analysis.visits,
      maintainedBytes: program.maintainedBytes(in: script), badReads: analysis.badReads)
  }

  private func investigate(
    _ analysis: LineAnalysis, _ script: Script, _ program: Program, _ platform: Platform
  ) -> (findings: [Finding], further: Int) {
    let investigator = Investigator(script: script, program: program, platform: platform)
    var investigated: Set<ReadID> = []
    var shown: Set<ReadID> = []
    var named: Set<NamedRead> = []
    var findings: [Finding] = []
    for suspicion in analysis.suspicions
    where investigated.contains(suspicion.read) || investigated.count < limits.findings {
      investigated.insert(suspicion.read)
      // With many unordered jobs the search may find no schedule. The read still counts as wrong.
      guard let finding = investigator.finding(suspicion) else { continue }
      shown.insert(suspicion.read)
      guard named.insert(NamedRead(read: suspicion.read, name: finding.name)).inserted else {
        continue
      }
      findings.append(finding)
    }
    return (findings, analysis.badReads.count - shown.count)
  }

  private struct NamedRead: Hashable {
    let read: ReadID
    let name: FindingName?
  }

  private func finding(_ result: Program.UnexpectedResult, in script: Script) -> Finding {
    let name: FindingName? =
      switch result.kind {
      case .syncOnImport: .syncOnImport
      case .unbalanced: .syncUnbalanced
      case .other: nil
      }
    return Finding(
      name: name, position: script.steps[result.step].position,
      evidence: .result(Finding.WrongResult(step: result.step, errno: result.errno)))
  }

  private func error(_ found: LastWrites.Contradiction, in script: Script) -> ScriptError {
    ScriptError(
      script.access(found.read).position,
      "this read cannot see '\(script.name(ofWrite: found.named))': the last write ordered before it is "
        + "'\(script.name(ofWrite: found.last))'")
  }
}

extension Exploration {
  fileprivate init(unexplored reason: String, _ script: Script) {
    self.init(
      verdict: .unexplored(reason: reason), findings: [], furtherReads: 0, advice: nil,
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
  fileprivate var readCount: Int {
    let byCPU = steps.count { step in
      if case .access(let access) = step.action { access.isRead } else { false }
    }
    return byCPU + jobs.reduce(0) { $0 + $1.accesses.count(where: \.isRead) }
  }
}
