// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// Finds by brute-force enumeration the reads of a small script that can see wrong bytes.
///
/// It tries every moment for each job's access, each eviction and each fill, and both outcomes for a dirty line
/// that is invalidated, on the mock's own bytes. A machine cannot go back, so each branch runs from the start
/// on a new one. A branch ends where its state was visited before.
struct Enumerator {
  /// The cache lines that are evicted and fetched in one search.
  enum Lines: Hashable, Sendable {
    /// One line in each search: no byte depends on another line.
    case oneByOne
    /// All lines in one search, which takes longer and must find the same.
    case together
  }

  /// Returns the reads that can see wrong bytes.
  static func badReads(of script: Script, on platform: MockPlatform) -> Set<ReadID> {
    verdict(on: script, platform).badReads
  }

  /// Returns the complete result of a search.
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
          verdict.complaints.insert("no move is possible after \(path)")
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
