// SPDX-License-Identifier: MIT

public import Litmus

/// What a proved script could do without.
public struct SyncAdvice: Hashable, Sendable {
  /// Several syncs that the script is proved without.
  public struct RemovableSet: Hashable, Sendable {
    /// The indices of their pieces of advice.
    public let indices: [Int]
    /// Whether no larger set of these syncs can be removed; otherwise they were tried one after the other.
    public let isLargest: Bool
  }

  /// The advice on each sync alone, in the order of the script.
  public internal(set) var items: [Advice] = []
  /// A set of redundant syncs that can be removed together; nil where fewer than two syncs are redundant.
  public internal(set) var removable: RemovableSet?
  /// The bound of visits that the search reached, so that advice is missing; nil where it is complete.
  public internal(set) var exceededBound: Int?

  /// Returns the script without the syncs of a set.
  public func removing(_ set: RemovableSet, from script: Script) -> Script {
    Self.removing(Set(set.indices.map { items[$0].id }), from: script)
  }

  static func removing(_ removed: Set<SyncID>, from script: Script) -> Script {
    let ends = Brackets(script).ends
    let removedEnds = Set(removed.compactMap { ends[$0.step] })
    var steps: [ScriptStep] = []
    for (index, step) in script.steps.enumerated() where !removedEnds.contains(index) {
      guard case .sync(let syncs) = step.action else {
        if !removed.contains(SyncID(step: index)) { steps.append(step) }
        continue
      }
      let kept = syncs.indices.filter { !removed.contains(SyncID(step: index, index: $0)) }
      guard !kept.isEmpty else { continue }
      steps.append(
        ScriptStep(
          action: .sync(kept.map { syncs[$0] }), errno: step.errno, position: step.position))
    }
    return script.replacing(steps: steps)
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
  let id: SyncID
  /// The number of the BO that is synced.
  public let buffer: Int
  /// The range that is synced, in the BO.
  public let range: Range<UInt64>
  public let position: SourcePosition
  /// The END that goes with a START, and is not needed either; nil for another sync.
  public let end: SourcePosition?

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

/// Changes to syncs, to find out whether the script needs them.
struct SyncChange {
  /// The syncs to leave out; with a START, also its END.
  var removed: Set<SyncID> = []
  /// The syncs to carry out on another range.
  var narrowed: [SyncID: Range<UInt64>] = [:]
}
