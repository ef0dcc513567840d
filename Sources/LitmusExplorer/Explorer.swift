// SPDX-License-Identifier: MIT

public import Litmus

/// Decides over every eviction, fill and timing of devices whether a script goes right.
public struct Explorer: Sendable {
  /// How far to go.
  public struct Limits: Sendable {
    /// In runs of bytes looked at; what needs more is undecided.
    public var visits = 2_000_000_000
    /// Of how many reads that can go wrong a schedule is looked for.
    public var findings = 20
    /// In runs of bytes looked at, for advice.
    public var adviceVisits = 20_000_000

    /// Creates the limits that fit a person who waits.
    public init() {}
  }

  private let limits: Limits

  /// Creates an explorer.
  public init(_ limits: Limits = Limits()) {
    self.limits = limits
  }

  /// Explores a script.
  ///
  /// - Throws: a read that names a write it can never have to show.
  public func explore(_ script: Script, on platform: Platform) throws(ScriptError) -> Exploration {
    let rules = LineRules.all
    var builder = ProgramBuilder(script, on: platform)
    let program = builder.build()
    var analysis = LineAnalysis(
      script, program, on: platform, rules: rules, mostVisits: limits.visits)
    analysis.run()
    for contradiction in analysis.contradictions {
      throw error(contradiction, in: script)
    }
    let answers = program.misjudgements.map { finding($0, in: script) }
    let reads = investigate(analysis, script, program, platform)
    let findings = (answers + reads.findings).sorted { $0.position.line < $1.position.line }
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
    var looked: Set<ReadID> = []
    var shown: Set<ReadID> = []
    var named: Set<NamedRead> = []
    var findings: [Finding] = []
    for suspicion in analysis.suspicions
    where looked.contains(suspicion.read) || looked.count < limits.findings {
      looked.insert(suspicion.read)
      // Where jobs without order pile up, a schedule may not be found: the read still counts as wrong.
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

  private func finding(_ misjudgement: Program.Misjudgement, in script: Script) -> Finding {
    let name: FindingName? =
      switch misjudgement.kind {
      case .syncOnImport: .syncOnImport
      case .unbalanced: .syncUnbalanced
      case .other: nil
      }
    return Finding(
      name: name, position: script.steps[misjudgement.step].position,
      evidence: .answer(
        Finding.WrongAnswer(step: misjudgement.step, answer: misjudgement.answer)))
  }

  private func error(_ found: LastWrites.Contradiction, in script: Script) -> ScriptError {
    ScriptError(
      script.access(found.read).position,
      "this read can never have to show '\(script.name(ofWrite: found.named))': the last write ordered "
        + "before it is '\(script.name(ofWrite: found.last))'")
  }
}

extension Script {
  /// How many reads there are, the CPU's and the jobs'.
  fileprivate var readCount: Int {
    func isRead(_ access: ScriptAccess) -> Bool {
      if case .read = access.kind { true } else { false }
    }
    let byCPU = steps.count { step in
      if case .access(let access) = step.action { isRead(access) } else { false }
    }
    return byCPU + jobs.reduce(0) { $0 + $1.accesses.count(where: isRead) }
  }
}
