// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// The analysis of a script on a platform, and the names of its faults.
struct Examination {
  let program: Program
  let analysis: LineAnalysis
  let investigator: Investigator
  /// The faults of reads, one of each name for each read.
  private(set) var faults: [Investigator.Fault] = []
  /// The number of points and states that the search for the faults' schedules visited.
  private(set) var searchVisits = 0
  /// The number of reads whose search found no schedule within its bounds.
  private(set) var readsWithoutSchedule = 0
  /// Calls with another result than the script states, and brackets without a partner.
  private(set) var others: [Finding] = []

  /// Examines a script.
  ///
  /// - Parameters:
  ///   - mostReads: the number of reads whose faults are named.
  ///   - namesOf: the only reads whose faults are named; nil for all.
  init(
    _ script: Script, on platform: Platform, mostVisits: Int = .max, mostReads: Int,
    namesOf reads: Set<ReadID>? = nil
  ) {
    var builder = ProgramBuilder(script, on: platform)
    program = builder.build()
    let transitions = LineTransitions(script, program, on: platform, rules: LineRules.all)
    var analysis = LineAnalysis(script, transitions, mostVisits: mostVisits)
    analysis.run()
    self.analysis = analysis
    investigator = Investigator(script, transitions)
    nameFaults(mostReads, reads)
    others = program.unexpectedResults.map { Self.finding($0, in: script) }
    guard program.obstacle == nil else { return }
    let refused = Set(program.unexpectedResults.map(\.step))
    others += Brackets(script, refused: refused).unpaired.map { step in
      Finding(
        name: .syncUnbalanced, position: script.steps[step].position,
        evidence: .unpaired(step: step))
    }
  }

  /// The identities of all findings that have a name.
  var ids: Set<FindingID> { Set(faults.map(\.id) + others.map(\.id)) }

  /// Whether every read sees the last write, and every call returns what the script states.
  var isProved: Bool {
    others.isEmpty && analysis.suspicions.isEmpty && analysis.contradictions.isEmpty
      && !analysis.isExhausted && program.obstacle == nil
  }

  private mutating func nameFaults(_ mostReads: Int, _ reads: Set<ReadID>?) {
    var investigated: Set<ReadID> = []
    var known: Set<FindingID> = []
    for suspicion in analysis.suspicions
    where investigated.contains(suspicion.read) || investigated.count < mostReads {
      guard reads?.contains(suspicion.read) ?? true else { continue }
      investigated.insert(suspicion.read)
      for fault in investigator.faults(suspicion, visits: &searchVisits)
      where known.insert(fault.id).inserted {
        faults.append(fault)
      }
    }
    readsWithoutSchedule = investigated.subtracting(faults.map(\.suspicion.read)).count
  }

  private static func finding(_ result: Program.UnexpectedResult, in script: Script) -> Finding {
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
}
