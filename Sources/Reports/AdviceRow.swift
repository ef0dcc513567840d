// SPDX-License-Identifier: MIT

internal import LitmusExplorer
internal import Litmus

/// One piece of advice on a sync that is not needed, or too wide.
public struct AdviceRow: Hashable, Sendable, Codable {
  public let name: String
  public let position: String
  /// The END that goes with a START; null for another sync.
  @Nullable public var end: String?
  public let buffer: String
  /// In bytes.
  public let wasted: UInt64
  public let text: String

  /// - Parameter isAlone: whether the script can fail without this sync and others that are redundant too.
  init(_ advice: Advice, of script: Script, isAlone: Bool) {
    name = advice.label
    position = "\(advice.position)"
    end = advice.end.map { "\($0)" }
    buffer = script.buffers[advice.buffer].name
    wasted = advice.unneededBytes
    text =
      switch advice.kind {
      case .redundant:
        "without \(Self.noun(advice)) of '\(script.buffers[advice.buffer].name)' the script is still proved"
          + (isAlone ? "; each of these lines stands alone, and not all of them can go" : "")
      case .overwide(let needed):
        "bytes \(needed) of '\(script.buffers[advice.buffer].name)' are enough: "
          + "\(advice.unneededBytes) bytes are synced without need"
      }
  }
}

extension AdviceRow {
  private static func noun(_ advice: Advice) -> String {
    advice.end.map { "this START and its END in line \($0.line)" } ?? "this sync"
  }
}

extension SyncAdvice {
  /// Whether a redundant sync cannot go together with all the others.
  func standsAlone(_ advice: Advice) -> Bool {
    let redundant = items.count { $0.kind == .redundant }
    guard advice.kind == .redundant, redundant > 1 else { return false }
    return removable?.indices.count != redundant
  }
}

/// Redundant syncs that the script is proved without, all of them together.
public struct RemovableRow: Hashable, Sendable, Codable {
  /// The positions of the syncs; for a START also of its END.
  public let positions: [String]
  /// Whether no larger set of the redundant syncs can go.
  public let isLargest: Bool
  public let text: String

  /// Nil where there is no such set.
  init?(_ advice: SyncAdvice) {
    guard let set = advice.removable else { return nil }
    let count = advice.items.count { $0.kind == .redundant }
    let all = set.indices.flatMap { index in
      [advice.items[index].position] + [advice.items[index].end].compactMap { $0 }
    }
    positions = all.map { "\($0)" }
    isLargest = set.isLargest
    // A batch has several syncs in one line.
    let numbers = Set(all.map(\.line)).sorted()
    let lines = numbers.prefix(Self.mostLines).map { "\($0)" }
    let more = numbers.count - lines.count
    let which =
      (lines.count == 1 ? "line " : "lines ") + lines.joined(separator: ", ")
      + (more > 0 ? " and \(more) more" : "")
    let limit =
      set.isLargest
      ? (set.indices.count == count ? "" : "; no larger set can")
      : "; they were tried one after the other, and a larger set may exist"
    text = "\(set.indices.count) of \(count) redundant syncs can go together: \(which)\(limit)"
  }

  private static let mostLines = 20

  enum CodingKeys: String, CodingKey {
    case positions, text
    case isLargest = "is_largest"
  }
}
