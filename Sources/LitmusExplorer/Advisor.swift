// SPDX-License-Identifier: MIT

internal import Litmus

/// Tries for each sync of a proved script whether the script is proved without it, or with less of it.
struct Advisor {
  let script: Script
  let platform: Platform
  let rules: LineRules

  /// Answers what could go or shrink; nil where trying it all would look at more than `mostVisits` runs.
  func advice(visitsEach: Int, mostVisits: Int) -> [Advice]? {
    let syncs = self.syncs()
    guard syncs.count * max(visitsEach, 1) <= mostVisits else { return nil }
    return syncs.compactMap { advice($0.id, $0.sync) }
  }

  private struct Sync {
    let buffer: Int
    let range: Range<UInt64>
    let canShrink: Bool
    let position: SourcePosition
  }

  private func syncs() -> [(id: SyncID, sync: Sync)] {
    var found: [(SyncID, Sync)] = []
    for (index, step) in script.steps.enumerated() where step.errno == nil {
      switch step.action {
      case .sync(let syncs):
        for (place, sync) in syncs.enumerated() {
          found.append(
            (
              SyncID(step: index, index: place),
              Sync(
                buffer: sync.buffer, range: sync.range, canShrink: true, position: sync.position)
            ))
        }
      case .beginAccess(let buffer, _):
        found.append(
          (
            SyncID(step: index),
            Sync(
              buffer: buffer, range: 0..<script.buffers[buffer].size, canShrink: false,
              position: step.position)
          ))
      default: break
      }
    }
    return found
  }

  private func advice(_ id: SyncID, _ sync: Sync) -> Advice? {
    let needed = needed(without: .drop(id), by: sync)
    if needed.isEmpty {
      return Advice(
        kind: .redundant, buffer: sync.buffer, range: sync.range, position: sync.position)
    }
    guard sync.canShrink, let memory = needed.first?.memory,
      needed.allSatisfy({ $0.memory == memory })
    else { return nil }
    // Whole lines are maintained anyway, so only whole lines are worth sparing.
    let start = needed.reduce(UInt64.max) { min($0, $1.range.lowerBound) }
    let end = needed.reduce(0) { max($0, $1.range.upperBound) }
    let size = platform.lineSize
    let lines = start / size * size..<(end + size - 1) / size * size
    let smaller = lines.clamped(to: sync.range)
    guard
      smaller.lowerBound / size > sync.range.lowerBound / size
        || (smaller.upperBound + size - 1) / size < (sync.range.upperBound + size - 1) / size,
      self.needed(without: .narrow(id, to: smaller), by: sync).isEmpty
    else { return nil }
    return Advice(
      kind: .overwide(needed: smaller), buffer: sync.buffer, range: sync.range,
      position: sync.position)
  }

  /// Which bytes go wrong with a sync changed.
  private func needed(
    without change: SyncChange, by sync: Sync
  ) -> [LineAnalysis.Suspicion] {
    var builder = ProgramBuilder(script, on: platform, change: change)
    let program = builder.build()
    var analysis = LineAnalysis(
      script, program, on: platform, rules: rules, placesOfEachRead: .max)
    analysis.run()
    return analysis.suspicions
  }
}
