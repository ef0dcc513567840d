// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// Names the fault behind a read of wrong bytes, by the trace that leads to it.
struct FindingNamer {
  let program: Program
  let history: ByteHistory
  let trace: ByteTrace
  let memory: Int

  /// Returns the name for a read that is ordered with all writes.
  func name() -> FindingName {
    let expected = history.expected.write
    guard let event = history.events.firstIndex(where: { $0.write == expected }) else {
      return nameOfCPUWrite(expected)
    }
    return nameOfDeviceWrite(event, expected)
  }

  /// Names the loss of a CPU write, or of the zeroes of a new BO.
  private func nameOfCPUWrite(_ write: Int) -> FindingName {
    if trace.discard(of: write) != nil {
      return write == ScriptAccess.zeroes ? .zeroesLost : .cpuWriteLost
    }
    return brackets.last?.isStart == true ? .syncUnbalanced : .missingFlush
  }

  /// Names the loss of a device's write: it was overwritten, or the CPU reads an older line.
  private func nameOfDeviceWrite(_ event: Int, _ write: Int) -> FindingName {
    if let overwriting = overwritten(write) { return overwriting }
    let submitted = history.events[event].submitted
    let end = history.points.first { point in
      if case .wait(let events) = point.action { events.contains(event) } else { false }
    }
    var isInvalidated = false
    var isInvalidatedWhilePending = false
    for point in history.points where point.operation < history.readOperation {
      switch point.action {
      case .maintain(.cleanAndInvalidate), .maintain(.invalidate):
        if point.operation < submitted {
          isInvalidated = true
        } else if end.map({ point.operation < $0.operation }) ?? true {
          isInvalidatedWhilePending = true
        }
      case .store, .storeBeside, .load:
        if point.operation < submitted { isInvalidated = false }
      default: break
      }
    }
    if isInvalidatedWhilePending { return .syncBeforeWait }
    if hasEndWithoutStart(after: program.operations[submitted].step) { return .syncUnbalanced }
    return isInvalidated ? .invalidateTooEarly : .missingInvalidate
  }

  /// Each START and END before the read.
  private var brackets: [(step: Int, isStart: Bool)] {
    let read = program.operations[history.readOperation].step
    return program.brackets[memory, default: []].filter { $0.step < read }
  }

  /// Whether there is an END without a START after a step.
  private func hasEndWithoutStart(after step: Int) -> Bool {
    var depth = 0
    for bracket in brackets {
      depth += bracket.isStart ? 1 : -1
      if depth < 0 {
        if bracket.step > step { return true }
        depth = 0
      }
    }
    return false
  }

  /// Finds the write-back of the line over a device's write, and which bytes made the line dirty.
  private func overwritten(_ write: Int) -> FindingName? {
    var isOwn = true
    for entry in trace.entries {
      if case .point(let index, _) = entry.action {
        switch history.points[index].action {
        case .allocate, .store: isOwn = true
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
