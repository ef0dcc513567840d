// SPDX-License-Identifier: MIT

public import Litmus

/// Describes edits of a script in sentences.
public struct RepairText {
  private let script: Script
  private let platform: Platform
  private let writer: ScriptWriter

  /// Creates the description for a script on a platform.
  public init(_ script: Script, _ platform: Platform) {
    self.script = script
    self.platform = platform
    writer = ScriptWriter(script)
  }

  /// Returns what an edit does, such as `insert 'wait: {job: j}' before line 7`.
  public func text(of edit: ScriptEdit) -> String {
    switch edit.change {
    case .insert(let action):
      return "insert '\(writer.text(of: action))' \(place(edit.step))"
    case .replace(let action):
      let verb = isWidening(edit) ? "widen \(line(edit.step)) to" : "replace \(line(edit.step)) by"
      return "\(verb) '\(writer.text(of: action))'"
    case .move(let target):
      return "move '\(writer.text(of: script.steps[edit.step].action))' from \(line(edit.step)) "
        + place(target)
    case .remove:
      return "remove '\(writer.text(of: script.steps[edit.step].action))' in \(line(edit.step))"
    }
  }

  /// Returns the kind of an edit in machine output.
  public func kind(of edit: ScriptEdit) -> String {
    switch edit.change {
    case .insert: "insert"
    case .replace: isWidening(edit) ? "widen" : "replace"
    case .move: "move"
    case .remove: "remove"
    }
  }

  /// Whether a replaced sync differs in its ranges alone.
  private func isWidening(_ edit: ScriptEdit) -> Bool {
    guard case .replace(.sync(let new)) = edit.change,
      case .sync(let old) = script.steps[edit.step].action, old.count == new.count
    else { return false }
    return zip(old, new).allSatisfy {
      $0.operation == $1.operation && $0.method == $1.method && $0.buffer == $1.buffer
    }
  }

  private func line(_ step: Int) -> String {
    "line \(script.steps[step].position.line)"
  }

  private func place(_ step: Int) -> String {
    step < script.steps.count ? "before \(line(step))" : "at the end"
  }

  /// Returns why the calls of the edits fit the BO's owner; nil where nothing else would be expected.
  func reason(_ edits: [ScriptEdit], for name: FindingName? = nil) -> String? {
    if name == .falseSharingLine, edits.contains(where: \.ordersAJob) {
      return "without the wait: keep what the CPU and a device write on separate cache lines"
    }
    for edit in edits {
      let action: ScriptStep.Action
      switch edit.change {
      case .insert(let inserted): action = inserted
      case .replace(let new): action = new
      case .move, .remove: continue
      }
      switch action {
      case .beginAccess(let buffer, let type): return reasonForBracket(buffer, type)
      case .sync(let syncs):
        if let sync = syncs.first(where: { $0.method == .userland }) {
          return reasonForUserland(sync.buffer)
        }
      default: continue
      }
    }
    return nil
  }

  private func owner(_ buffer: Int) -> (node: NodeModel, name: String) {
    let memory = script.memory(of: buffer)
    let node = platform.nodes[script.buffers[memory].node]
    return (node, "\(node.driver) owns '\(script.buffers[memory].name)'")
  }

  private func reasonForBracket(_ buffer: Int, _ type: ScriptAccessType) -> String? {
    let (node, name) = owner(buffer)
    let memory = script.memory(of: buffer)
    let isShared = script.buffers.indices.contains {
      script.memory(of: $0) == memory && script.isForeign($0)
    }
    if node.mapsAtFirstStart, type == .write {
      return
        "\(name), and its first START maps it for DMA; a START for reading then discards what only the cache has"
    }
    guard node.hasSyncCall else { return "\(name), and has no sync ioctl: START and END sync it" }
    guard !node.claimsCoherency else {
      let why = node.isCoherent ? "device snoops" : "driver takes the device for coherent"
      return
        "\(name), whose \(why), so that its ioctl syncs nothing: START and END sync for importers too"
    }
    return isShared ? "\(name), and another device imports it: START and END sync for both" : nil
  }

  private func reasonForUserland(_ buffer: Int) -> String {
    let (node, name) = owner(buffer)
    if node.syncedMappings == .none {
      return
        "\(name), whose START and END sync nothing, and no ioctl does: the CPU's own cache instructions do"
    }
    return "\(name): the CPU's own cache instructions sync it, whatever its driver does"
  }
}
