// SPDX-License-Identifier: MIT

internal import LitmusExplorer
internal import Litmus

/// What happens in a finding, in a sentence.
extension Script {
  /// Returns what a read may see, and what it must see.
  func text(of wrong: Finding.WrongRead) -> String {
    let reader =
      switch wrong.read {
      case .cpu: "the CPU"
      case .device(let job, _): "job \(jobs[job].name)"
      }
    let reads = "\(reader) reads bytes \(wrong.range) of '\(buffers[wrong.buffer].name)'"
    let (seen, expected) = (name(ofWrite: wrong.seen), name(ofWrite: wrong.expected))
    guard wrong.isRace else {
      return "\(reads) and may see \(seen), not \(expected)" + textOfDiscard(wrong)
    }
    // Without 'sees' either order is as good as the other.
    let sees = wrong.isExpectedByName ? "\(seen), not \(expected)" : "\(seen) or \(expected)"
    guard !wrong.rivals.isEmpty else {
      return "\(reads), whose writes are not ordered with each other, and may see \(sees)"
    }
    return "\(reads) before or after \(textOfWriters(wrong.rivals)), and may see \(sees)"
  }

  private func textOfWriters(_ rivals: [Int]) -> String {
    let shown = rivals.prefix(3).map { write in
      let writer = jobs.first { $0.accesses.contains { $0.kind == .write(write) } }
      return "\(writer.map { "job \($0.name)" } ?? "the CPU") writes \(name(ofWrite: write))"
    }
    let more = rivals.count - shown.count
    return shown.joined(separator: ", ") + (more > 0 ? " and \(more) more writes" : "")
  }

  private func textOfDiscard(_ wrong: Finding.WrongRead) -> String {
    guard let step = wrong.discardingStep else { return "" }
    let what =
      switch steps[step].action {
      case .beginAccess: isFirstStart(step) ? "the first START on it" : "the START"
      case .sync: "the sync"
      case .close: "the end of the import"
      default: "the step"
      }
    let owner =
      wrong.expected == ScriptAccess.zeroes
      ? "the zeroes, which the kernel wrote through the cache" : "them"
    return ": \(what) in line \(steps[step].position.line) discards \(owner)"
  }

  private func isFirstStart(_ step: Int) -> Bool {
    guard case .beginAccess(let buffer, _) = steps[step].action else { return false }
    let memory = memory(of: buffer)
    return !steps[..<step].contains { earlier in
      guard case .beginAccess(let other, _) = earlier.action else { return false }
      return self.memory(of: other) == memory
    }
  }

  /// Returns what is wrong with a START or END without a partner.
  func textOfUnpaired(_ step: Int) -> String {
    switch steps[step].action {
    case .beginAccess(let buffer, let type):
      "this START of a \(type.rawValue) access to '\(buffers[buffer].name)' has no END: the access is still open "
        + "at the end of the script"
    case .endAccess(let buffer, let type):
      "this END of a \(type.rawValue) access to '\(buffers[buffer].name)' has no START"
    default: ""
    }
  }
}
