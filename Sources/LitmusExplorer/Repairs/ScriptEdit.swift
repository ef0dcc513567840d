// SPDX-License-Identifier: MIT

public import Litmus

/// A change to one sync, START, END or wait of a script.
public struct ScriptEdit: Sendable {
  /// The change.
  public enum Change: Sendable {
    /// Inserts a step before the edit's step.
    case insert(ScriptStep.Action)
    case replace(ScriptStep.Action)
    /// Moves the step before another one.
    case move(before: Int)
    case remove
  }

  /// The index of the step in the script; the number of steps for an insertion at the end.
  public let step: Int
  public let change: Change
}

extension ScriptEdit {
  /// Whether it inserts a wait, or moves a step.
  var ordersAJob: Bool {
    switch change {
    case .insert(.wait), .move: true
    default: false
    }
  }
}

extension ScriptEdit {
  /// Whether it inserts a START, and another edit inserts its END at the same place.
  fileprivate func isStart(before other: ScriptEdit?) -> Bool {
    guard case .insert(.beginAccess(let buffer, let type)) = change, let other,
      case .insert(.endAccess(let ended, let endType)) = other.change
    else { return false }
    return step == other.step && buffer == ended && type == endType
  }

  /// Groups edits, so that a START and an END that are inserted at one place stay together.
  static func units(_ edits: [ScriptEdit]) -> [[ScriptEdit]] {
    var units: [[ScriptEdit]] = []
    for edit in edits {
      if let last = units.last, last.count == 1, last[0].isStart(before: edit) {
        units[units.count - 1].append(edit)
      } else {
        units.append([edit])
      }
    }
    return units
  }

  /// Whether it replaces a START or an END, which change together.
  var isHalf: Bool {
    switch change {
    case .replace(.beginAccess), .replace(.endAccess): true
    default: false
    }
  }
}

/// A script under repair, which knows the steps of the original.
struct EditedScript {
  /// A step, and the index that it has in the original.
  private struct Entry {
    var step: ScriptStep
    /// Nil for an inserted step.
    let origin: Int?
    var isMoved = false
    var isReplaced = false
    // Whether it is the START or the END of an access that begins and ends at one place.
    var isWholeAccess = false

    // At one place waits come first, then the ends of accesses, syncs and whole accesses, and the starts of accesses.
    var rank: Int {
      if isWholeAccess { return 2 }
      return switch step.action {
      case .wait: 0
      case .endAccess: 1
      case .beginAccess: 3
      default: 2
      }
    }
  }

  private let original: Script
  private var entries: [Entry]

  init(_ script: Script) {
    original = script
    entries = script.steps.enumerated().map { Entry(step: $1, origin: $0) }
  }

  var script: Script { original.replacing(steps: entries.map(\.step)) }

  /// Applies edits, whose steps are those of this script; equal edits apply once.
  mutating func apply(_ edits: [ScriptEdit]) {
    var placed: [Int: [Entry]] = [:]
    var gone: Set<Int> = []
    for edit in edits {
      switch edit.change {
      case .replace(let action) where entries.indices.contains(edit.step):
        let step = entries[edit.step].step
        entries[edit.step].step = ScriptStep(
          action: entries[edit.step].isReplaced ? step.action.joined(action) : action,
          errno: step.errno, position: step.position)
        entries[edit.step].isReplaced = true
      case .remove: gone.insert(edit.step)
      default: break
      }
    }
    for (number, edit) in edits.enumerated() {
      switch edit.change {
      case .insert(let action):
        let anchor = entries.isEmpty ? nil : entries[min(edit.step, entries.count - 1)].step
        let step = ScriptStep(
          action: action, position: anchor?.position ?? SourcePosition(file: original.path))
        var entry = Entry(step: step, origin: nil)
        entry.isWholeAccess =
          edit.isStart(before: edits.dropFirst(number + 1).first)
          || number > 0 && edits[number - 1].isStart(before: edit)
        placed[edit.step, default: []].append(entry)
      case .move(let target) where gone.insert(edit.step).inserted:
        var moved = entries[edit.step]
        moved.isMoved = true
        placed[target, default: []].append(moved)
      default: break
      }
    }
    let writer = ScriptWriter(original)
    var result: [Entry] = []
    result.reserveCapacity(entries.count + edits.count)
    for index in 0...entries.count {
      if let here = placed[index] {
        var texts: Set<String> = []
        // Stable: what has one rank stays in its order.
        let sorted = here.enumerated().sorted {
          ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset)
        }
        for (_, entry) in sorted
        where texts.insert(writer.text(of: entry.step)).inserted || entry.origin != nil {
          result.append(entry)
        }
      }
      if index < entries.count, !gone.contains(index) { result.append(entries[index]) }
    }
    entries = result
  }

  /// All edits since the original, in order; their steps are those of the original.
  var edits: [ScriptEdit] {
    var edits: [ScriptEdit] = []
    var anchor = original.steps.count
    for entry in entries.reversed() {
      switch entry.origin {
      case nil: edits.append(ScriptEdit(step: anchor, change: .insert(entry.step.action)))
      case let origin? where entry.isMoved:
        edits.append(ScriptEdit(step: origin, change: .move(before: anchor)))
      case let origin?: anchor = origin
      }
      if let origin = entry.origin, entry.isReplaced {
        edits.append(ScriptEdit(step: origin, change: .replace(entry.step.action)))
      }
    }
    let kept = Set(entries.compactMap(\.origin))
    let removed = original.steps.indices.filter { !kept.contains($0) }
    return edits.reversed() + removed.map { ScriptEdit(step: $0, change: .remove) }
  }

  /// Returns the identity that a finding of this script has in the original; nil for one of an inserted step.
  func original(_ id: FindingID) -> FindingID? {
    switch id.place {
    case .read(let read): original(read).map { FindingID(label: id.label, place: .read($0)) }
    case .step(let step):
      entries[step].origin.map { FindingID(label: id.label, place: .step($0)) }
    }
  }

  /// Returns the number that a read of this script has in the original.
  func original(_ read: ReadID) -> ReadID? {
    guard case .cpu(let step) = read else { return read }
    return entries[step].origin.map { .cpu(step: $0) }
  }

  /// Returns the number in this script of a read of the original.
  func edited(_ read: ReadID) -> ReadID? {
    guard case .cpu(let step) = read else { return read }
    return entries.firstIndex { $0.origin == step }.map { .cpu(step: $0) }
  }
}

extension ScriptStep.Action {
  /// Returns the step that does what both do, where there is one; otherwise this one.
  fileprivate func joined(_ other: ScriptStep.Action) -> ScriptStep.Action {
    switch (self, other) {
    case (.sync(let one), .sync(let two)) where one.count == two.count:
      .sync(zip(one, two).map { $0.joined($1) })
    case (.beginAccess(let buffer, let one), .beginAccess(_, let two)):
      .beginAccess(buffer: buffer, one == two ? one : .readWrite)
    case (.endAccess(let buffer, let one), .endAccess(_, let two)):
      .endAccess(buffer: buffer, one == two ? one : .readWrite)
    default: self
    }
  }
}

extension ScriptSync {
  fileprivate func joined(_ other: ScriptSync) -> ScriptSync {
    guard buffer == other.buffer, method == other.method else { return self }
    let range =
      min(range.lowerBound, other.range.lowerBound)..<max(range.upperBound, other.range.upperBound)
    return ScriptSync(
      buffer: buffer, range: range, method: method,
      operation: other.operation == .flushAndInvalidate ? .flushAndInvalidate : operation,
      position: position)
  }
}
