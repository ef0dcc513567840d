// SPDX-License-Identifier: MIT

internal import Litmus

/// Syncs and waits at every place, which a search then makes fewer.
extension RepairCandidates {
  /// Waits after every job and syncs at every access to the memory: what syncs and waits can do at most.
  func protocols(for fault: Investigator.Fault) -> [[ScriptEdit]] {
    let memory = fault.suspicion.memory
    let kit = kit(memory)
    let range = 0..<script.buffers[memory].size
    var waits: [ScriptEdit] = []
    var places: [(step: Int, purpose: SyncKit.Purpose)] = []
    for (index, step) in script.steps.enumerated() where step.errno == nil {
      switch step.action {
      case .submit(let job)
      where script.jobs[job].accesses.contains { script.memory(of: $0.buffer) == memory }:
        waits.append(ScriptEdit(step: index + 1, change: .insert(.wait(job: job))))
        places.append((index, .cpu))
      case .access(let access) where script.memory(of: access.buffer) == memory:
        places.append((index, .cpu))
      case .beginAccess(let buffer, let type)
      where script.memory(of: buffer) == memory && type != .write:
        places.append((index, .device))
      default: break
      }
    }
    let userland = places.compactMap { kit.byUserland(range, $0.purpose, before: $0.step).first }
    let ioctl = places.compactMap { kit.byIoctl(range, $0.purpose, before: $0.step).first }
    let brackets = places.compactMap { kit.byBracket(.write, from: $0.step, to: $0.step).first }
    let starts = startsForWriting(memory)
    // A START for writing keeps what the CPU wrote, and the one for reading after it discards old lines.
    var accesses: [[ScriptEdit]] = []
    for place in places {
      accesses += kit.byBracket(.write, from: place.step, to: place.step).prefix(1)
      if place.purpose == .cpu {
        accesses += kit.byBracket(.read, from: place.step, to: place.step).prefix(1)
      }
    }
    let plain: [[[ScriptEdit]]] =
      kit.isShared ? [brackets, accesses, brackets + ioctl, ioctl] : [ioctl, brackets, accesses]
    let kits: [[[ScriptEdit]]] = plain + [userland, ioctl + userland, brackets + userland]
    var protocols: [[ScriptEdit]] = []
    for syncs in kits where !syncs.isEmpty {
      let edits = waits + Array(syncs.joined())
      protocols.append(edits)
      protocols.append(edits + starts)
    }
    return protocols
  }

  /// Turns every START that invalidates into one for writing.
  private func startsForWriting(_ memory: Int) -> [ScriptEdit] {
    (times.syncs[memory] ?? []).compactMap { index in
      switch script.steps[index].action {
      case .beginAccess(let buffer, let type) where type != .write:
        ScriptEdit(step: index, change: .replace(.beginAccess(buffer: buffer, .write)))
      case .endAccess(let buffer, let type) where type != .write:
        ScriptEdit(step: index, change: .replace(.endAccess(buffer: buffer, .write)))
      default: nil
      }
    }
  }
}

extension ScriptSync {
  func with(range: Range<UInt64>) -> ScriptSync {
    ScriptSync(
      buffer: buffer, range: range, method: method, operation: operation, position: position)
  }

  func with(operation: Operation) -> ScriptSync {
    ScriptSync(
      buffer: buffer, range: range, method: method, operation: operation, position: position)
  }
}
