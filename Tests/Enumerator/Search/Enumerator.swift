// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// Decides by trying everything which reads of a small script can go wrong.
///
/// It tries every moment at which a job's access can run and a line can leave or enter the cache, and both
/// things that can become of a dirty line that is invalidated, on the mock's own bytes. No machine can go
/// back, so each branch is played from its begin on a fresh one; where a machine is in a state that was
/// seen before, it is given up.
struct Enumerator {
  /// Which lines move by themselves in one search.
  enum Lines: Hashable, Sendable {
    /// One after the other: no byte depends on a line that is not its own.
    case oneByOne
    /// All in one search, which takes long and must find the same.
    case together
  }

  /// Answers the reads that can go wrong.
  static func badReads(of script: Script, on platform: MockPlatform) -> Set<ReadID> {
    verdict(on: script, platform).badReads
  }

  /// Answers all that a search finds.
  static func verdict(
    on script: Script, _ platform: MockPlatform, lines: Lines = .oneByOne
  ) -> Verdict {
    let plan = Plan(script, platform)
    var verdict = Verdict(refusals: plan.refusals)
    var observations = Observations(script, refused: plan.refused)
    let touched = observations.lines(script)
    for lines in lines == .together ? [touched] : touched.map({ [$0] }) {
      search(plan, lines, &observations, &verdict)
    }
    verdict.badReads = observations.badReads(script, plan.order)
    return verdict
  }

  private static func search(
    _ plan: Plan, _ lines: [MemoryLine], _ observations: inout Observations,
    _ verdict: inout Verdict
  ) {
    var seen: Set<[UInt8]> = []
    var branches: [[Move]] = [[]]
    while var path = branches.popLast() {
      var run = Run(plan)
      verdict.replays += 1
      for move in path { run.make(move, &observations) }
      while run.complaint == nil {
        let found = run.find(lines)
        guard seen.insert(run.signature(found)).inserted, !run.isAtEnd else { break }
        let moves = run.moves(lines, found)
        guard let last = moves.last else {
          verdict.complaints.insert("nothing can happen after \(path)")
          break
        }
        for move in moves.dropLast() { branches.append(path + [move]) }
        run.make(last, &observations)
        path.append(last)
      }
      if let complaint = run.complaint { verdict.complaints.insert(complaint) }
    }
    verdict.states += seen.count
  }
}
