// SPDX-License-Identifier: MIT

public import Litmus

/// Edits of a script's syncs and waits that remove a finding and add none.
public struct Repair: Sendable {
  /// In the order in which they apply; their steps are those of the original script.
  public let edits: [ScriptEdit]
  /// Why these calls fit; nil where the edits say it all.
  public let reason: String?
}

/// The reason why a finding has no repair.
public enum NoRepair: String, CaseIterable, Hashable, Sendable {
  /// The CPU and a device, or two devices, use one cache line at the same time.
  case sharedLine = "shared_line"
  /// The order that the script names is another one than that of its steps.
  case order
  /// A call returns something that no sync or wait changes.
  case call
  /// Syncs and waits at every place do not help.
  case useless = "none"
  /// The script is long, and the usual edits do not help; others were not tried.
  case notFound = "not_found"
  /// The search ended at its bound.
  case bound

  /// The reason, and what helps instead.
  public var text: String {
    switch self {
    case .sharedLine:
      "no sync or wait helps: keep what the CPU writes and what a device accesses on separate cache lines"
    case .order:
      "no sync or wait helps: 'sees' names a write in another order than that of the steps; move the submission "
        + "or the access"
    case .call:
      "no sync or wait helps: correct the call, or state the result that the kernel returns"
    case .useless:
      "no sync or wait helps, even with a flush and an invalidation at every access: map the BO write-combined, or "
        + "use separate BOs"
    case .notFound:
      "the usual edits of syncs and waits do not help, and in a script of this length no others were tried"
    case .bound: "the search for a repair ended at its bound"
    }
  }
}

/// The repairs of an exploration's findings.
public struct Repairs: Sendable {
  /// The repair of a finding, or why it has none.
  public enum Outcome: Sendable {
    case repair(Repair)
    case unrepaired(NoRepair)
  }

  /// All repairs together.
  public struct Combination: Sendable {
    /// The edits, in the order in which they apply; their steps are those of the original script.
    public let edits: [ScriptEdit]
    /// The repaired script.
    public let script: Script
    /// Whether the repaired script is proved.
    public let isProved: Bool
    /// Whether the edits are those of the findings' own repairs, and no others.
    public let isUnion: Bool
  }

  /// One for each finding of the exploration, in its order.
  public internal(set) var outcomes: [Outcome] = []
  /// Nil where no finding has a repair.
  public internal(set) var combination: Combination?
  /// The bound of visits that the search reached; nil where it did not.
  public internal(set) var exceededBound: Int?

  /// Returns what is left of a script's finding after its repair: the findings of the edited script, as the
  /// identities that they have in the original; an inserted step's own finding is nil.
  public static func findings(
    of script: Script, after edits: [ScriptEdit],
    by explore: (Script) throws(ScriptError) -> Exploration
  ) throws(ScriptError) -> (script: Script, findings: [FindingID?], badReads: [ReadID?]) {
    var edited = EditedScript(script)
    edited.apply(edits)
    let exploration = try explore(edited.script)
    return (
      edited.script, exploration.findings.map { edited.original($0.id) },
      exploration.badReads.map { edited.original($0) }
    )
  }
}
