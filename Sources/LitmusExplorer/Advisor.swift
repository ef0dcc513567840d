// SPDX-License-Identifier: MIT

public import Litmus

/// Checks for each sync of a proved script whether the script is proved without it or with a smaller range.
struct Advisor {
  let script: Script
  let platform: Platform
  let rules: LineRules

  /// Returns the syncs that can be removed or narrowed; nil where the search needs more than `mostVisits` runs.
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
    let needed = suspicions(with: .remove(id))
    if needed.isEmpty {
      return Advice(
        kind: .redundant, buffer: sync.buffer, range: sync.range, position: sync.position)
    }
    guard sync.canShrink, let memory = needed.first?.memory,
      needed.allSatisfy({ $0.memory == memory })
    else { return nil }
    // Maintenance always covers whole lines, so only whole lines can be saved.
    let start = needed.reduce(UInt64.max) { min($0, $1.range.lowerBound) }
    let end = needed.reduce(0) { max($0, $1.range.upperBound) }
    let size = platform.lineSize
    let lines = start / size * size..<(end + size - 1) / size * size
    let smaller = lines.clamped(to: sync.range)
    guard
      smaller.lowerBound / size > sync.range.lowerBound / size
        || (smaller.upperBound + size - 1) / size < (sync.range.upperBound + size - 1) / size,
      suspicions(with: .narrow(id, to: smaller)).isEmpty
    else { return nil }
    return Advice(
      kind: .overwide(needed: smaller), buffer: sync.buffer, range: sync.range,
      position: sync.position)
  }

  /// Returns the reads that can see wrong bytes with one sync changed.
  private func suspicions(with change: SyncChange) -> [LineAnalysis.Suspicion] {
    var builder = ProgramBuilder(script, on: platform, change: change)
    let program = builder.build()
    var analysis = LineAnalysis(
      script, program, on: platform, rules: rules, placesOfEachRead: .max)
    analysis.run()
    return analysis.suspicions
  }
}

/// A sync that a proved script does not need, or needs for a smaller range.
public struct Advice: Hashable, Sendable {
  /// The possible improvement.
  public enum Kind: Hashable, Sendable {
    /// The script is still proved without this sync alone.
    case redundant
    /// The script is still proved with this smaller range of the BO.
    case overwide(needed: Range<UInt64>)
  }

  public let kind: Kind
  /// The number of the BO that is synced.
  public let buffer: Int
  /// The range that is synced, in the BO.
  public let range: Range<UInt64>
  public let position: SourcePosition

  /// Its name in reports.
  public var label: String {
    switch kind {
    case .redundant: "REDUNDANT_SYNC"
    case .overwide: "OVERWIDE_SYNC"
    }
  }

  /// The number of bytes whose maintenance is not needed.
  public var unneededBytes: UInt64 {
    let whole = UInt64(range.count)
    return switch kind {
    case .redundant: whole
    case .overwide(let needed): whole - UInt64(needed.count)
    }
  }
}

/// One sync of a script: a sync step, an element of a batch, or the START of a CPU access.
struct SyncID: Hashable {
  let step: Int
  /// Its index in the batch.
  var index = 0
}

/// A change to one sync, to find out whether the script needs it.
enum SyncChange {
  case remove(SyncID)
  case narrow(SyncID, to: Range<UInt64>)
}
