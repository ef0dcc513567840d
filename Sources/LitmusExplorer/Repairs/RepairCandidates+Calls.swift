// SPDX-License-Identifier: MIT

internal import Litmus

/// Repairs of calls: brackets without a partner, and syncs that the driver refuses.
extension RepairCandidates {
  func candidates(for finding: Finding) -> [[ScriptEdit]] {
    switch finding.evidence {
    case .read: []
    case .unpaired(let step): unpaired(step)
    case .result(let wrong): refused(wrong.step)
    }
  }

  private func unpaired(_ step: Int) -> [[ScriptEdit]] {
    switch script.steps[step].action {
    case .beginAccess(let buffer, let type):
      let places = ends(of: step, buffer)
      return places.map { place in
        [ScriptEdit(step: place, change: .insert(.endAccess(buffer: buffer, type)))]
      } + [[ScriptEdit(step: step, change: .remove)]]
    case .endAccess(let buffer, let type):
      let removal = [[ScriptEdit(step: step, change: .remove)]]
      let starts = starts(of: step, buffer, type)
      // A START right before the END would begin an access without any.
      return starts.first?.first?.step == step ? removal + starts : starts + removal
    default: return []
    }
  }

  /// The places for the END of a START: after its last CPU access, and later ones.
  private func ends(of start: Int, _ buffer: Int) -> [Int] {
    let memory = script.memory(of: buffer)
    let count = script.steps.count
    let next = script.steps.indices.dropFirst(start + 1).first { index in
      switch script.steps[index].action {
      case .submit(let job):
        script.jobs[job].accesses.contains { script.memory(of: $0.buffer) == memory }
      default: false
      }
    }
    let end = next ?? count
    let last = (start..<end).last { index in
      if case .access(let access) = script.steps[index].action {
        return script.memory(of: access.buffer) == memory
      }
      return false
    }
    // Inside the access another one may end first.
    let inner = (start..<end).last { index in
      if case .endAccess(let ended, _) = script.steps[index].action {
        return script.memory(of: ended) == memory
      }
      return false
    }
    // An END before the next START belongs to this one.
    let other = (start + 1..<end).first { index in
      if case .beginAccess(let begun, _) = script.steps[index].action {
        return script.memory(of: begun) == memory
      }
      return false
    }
    var places: [Int] = []
    let proposed = [max(last ?? start, inner ?? start) + 1, (last ?? start) + 1, other, end, count]
    for place in proposed.compactMap(\.self) where !places.contains(place) {
      places.append(place)
    }
    return places
  }

  private func starts(
    of end: Int, _ buffer: Int, _ type: ScriptAccessType
  ) -> [[ScriptEdit]] {
    let memory = script.memory(of: buffer)
    var first = end
    for index in (0..<end).reversed() {
      switch script.steps[index].action {
      case .access(let access) where script.memory(of: access.buffer) == memory: first = index
      case .access, .wait, .export, .map: continue
      default: break
      }
      if first != index { break }
    }
    return [first, end].flatMap { place in
      [type, .write, .readWrite].map { type in
        [ScriptEdit(step: place, change: .insert(.beginAccess(buffer: buffer, type)))]
      }
    }
  }

  private func refused(_ step: Int) -> [[ScriptEdit]] {
    switch script.steps[step].action {
    case .endAccess where script.steps[step].errno == nil: unpaired(step)
    case .sync(let batch) where script.steps[step].errno == nil: refused(step, batch)
    default: []
    }
  }

  /// Replaces the syncs of imported BOs in a batch.
  private func refused(_ step: Int, _ batch: [ScriptSync]) -> [[ScriptEdit]] {
    let foreign = batch.filter { script.isForeign($0.buffer) }
    guard !foreign.isEmpty else { return [] }
    let kept = batch.filter { !script.isForeign($0.buffer) }
    let rest =
      ScriptEdit(step: step, change: kept.isEmpty ? .remove : .replace(.sync(kept)))
    var found: [[ScriptEdit]] = []
    for choice in 0..<6 {
      var edits = [rest]
      for sync in foreign {
        let options = substitutes(for: sync, step)
        guard !options.isEmpty else { continue }
        edits += options[min(choice, options.count - 1)]
      }
      found.append(edits)
    }
    return found + [[rest]]
  }

  private func substitutes(for sync: ScriptSync, _ step: Int) -> [[ScriptEdit]] {
    let memory = script.memory(of: sync.buffer)
    let kit = SyncKit(script, platform, times, memory)
    let accesses = script.steps.indices.filter { index in
      guard case .access(let access) = script.steps[index].action else { return false }
      return script.memory(of: access.buffer) == memory
    }
    switch sync.operation {
    case .flush, .proposed(.device, _):
      var first = step
      while accesses.contains(first - 1) { first -= 1 }
      return kit.all(sync.range, .device, before: step, span: (first, step))
    case .flushAndInvalidate, .proposed(.cpu, _):
      var end = step + 1
      while accesses.contains(end) { end += 1 }
      return kit.all(sync.range, .cpu, before: step, span: (step, end))
    }
  }
}
