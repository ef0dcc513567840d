// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// Says by its trace what is wrong where a read shows the wrong bytes.
struct FindingNamer {
  let program: Program
  let history: ByteHistory
  let trace: ByteTrace
  let memory: Int

  /// The name, for a read whose order with all writes is given.
  func name() -> FindingName {
    let expected = history.expected.write
    guard let event = history.events.firstIndex(where: { $0.write == expected }) else {
      return nameOfCPUWrite(expected)
    }
    return nameOfDeviceWrite(event, expected)
  }

  /// What the CPU wrote, or the zeroes of a new BO, did not arrive.
  private func nameOfCPUWrite(_ write: Int) -> FindingName {
    for entry in trace.entries where entry.before.cpu == write && entry.before.line == .dirty {
      if entry.after.line != .dirty, entry.after.memory != write { return .cpuWriteLost }
    }
    return brackets.last?.isBegin == true ? .syncUnbalanced : .missingFlush
  }

  /// What a device wrote was overwritten, or the CPU has the line from before.
  private func nameOfDeviceWrite(_ event: Int, _ write: Int) -> FindingName {
    if let overwriting = overwritten(write) { return overwriting }
    let submitted = history.events[event].submitted
    let over = history.points.first { point in
      if case .wait(let events) = point.action { events.contains(event) } else { false }
    }
    var isDropped = false
    var isDroppedWhileRunning = false
    for point in history.points where point.operation < history.readOperation {
      switch point.action {
      case .maintain(.cleanAndInvalidate), .maintain(.invalidate):
        if point.operation < submitted {
          isDropped = true
        } else if over.map({ point.operation < $0.operation }) ?? true {
          isDroppedWhileRunning = true
        }
      case .store, .storeBeside, .load:
        if point.operation < submitted { isDropped = false }
      default: break
      }
    }
    if isDroppedWhileRunning { return .syncBeforeWait }
    if hasEndAlone(after: program.operations[submitted].step) { return .syncUnbalanced }
    return isDropped ? .invalidateTooEarly : .missingInvalidate
  }

  /// The begins and ends of CPU access that come before the read.
  private var brackets: [(step: Int, isBegin: Bool)] {
    let read = program.operations[history.readOperation].step
    return program.brackets[memory, default: []].filter { $0.step < read }
  }

  /// Whether an access is ended after a step that was not begun.
  private func hasEndAlone(after step: Int) -> Bool {
    var depth = 0
    for bracket in brackets {
      depth += bracket.isBegin ? 1 : -1
      if depth < 0 {
        if bracket.step > step { return true }
        depth = 0
      }
    }
    return false
  }

  /// Finds what wrote the line back over a device's write, and by which bytes it was dirty.
  private func overwritten(_ write: Int) -> FindingName? {
    var isOwn = true
    for entry in trace.entries {
      if case .point(let index, _) = entry.action {
        switch history.points[index].action {
        case .begin, .store: isOwn = true
        case .storeBeside where entry.before.line != .dirty: isOwn = false
        default: break
        }
      }
      if entry.before.memory == write, entry.after.memory != write {
        return isOwn ? .deviceWriteLost : .falseSharingLine
      }
    }
    return nil
  }
}
