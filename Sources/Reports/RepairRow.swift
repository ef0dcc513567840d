// SPDX-License-Identifier: MIT

internal import LitmusExplorer
internal import Litmus

/// The edits that repair a finding.
public struct RepairRow: Hashable, Sendable, Codable {
  /// One edit; positions are those of the script as it is.
  public struct Edit: Hashable, Sendable, Codable {
    /// `insert`, `widen`, `replace`, `move` or `remove`.
    public let kind: String
    /// The index of the step that is changed; of an insertion, of the step that it precedes.
    public let step: Int
    /// The source line of that step; null at the end of the script.
    @Nullable public fileprivate(set) var line: Int?
    /// Of a move, the index of the step that it then precedes.
    @Nullable public fileprivate(set) var before: Int?
    /// The new step as a line of a script; null for a move or a removal.
    @Nullable public fileprivate(set) var action: String?
  }

  public let edits: [Edit]
  /// The edits in a sentence.
  public let text: String

  init(_ edits: [ScriptEdit], of script: Script, _ words: RepairText) {
    let writer = ScriptWriter(script)
    self.edits = edits.map { edit in
      var row = Edit(kind: words.kind(of: edit), step: edit.step)
      if script.steps.indices.contains(edit.step) {
        row.line = script.steps[edit.step].position.line
      }
      switch edit.change {
      case .insert(let action), .replace(let action): row.action = writer.text(of: action)
      case .move(let target): row.before = target
      case .remove: break
      }
      return row
    }
    text = edits.map { words.text(of: $0) }.joined(separator: ", and ")
  }
}

/// All repairs of a script together.
public struct CombinedRepairRow: Hashable, Sendable, Codable {
  public let edits: [RepairRow.Edit]
  public let text: String
  /// Whether the repaired script is proved.
  public let isProved: Bool
  /// Whether the edits are those of the findings, and no others.
  public let isUnion: Bool

  init(_ combination: Repairs.Combination, of script: Script, _ words: RepairText) {
    let row = RepairRow(combination.edits, of: script, words)
    (edits, text) = (row.edits, row.text)
    (isProved, isUnion) = (combination.isProved, combination.isUnion)
  }

  enum CodingKeys: String, CodingKey {
    case edits, text
    case isProved = "is_proved"
    case isUnion = "is_union"
  }
}
