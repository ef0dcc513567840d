// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

extension ScriptSession {
  /// Performs a schedule's events before a step; returns the error of one that cannot happen.
  func perform(_ schedule: Schedule, beforeStep step: Int) -> String? {
    guard let model else { return "a schedule needs a modelled machine" }
    var whileWaiting: [ModelledEvent] = []
    for event in schedule.events where event.step == step {
      if case .invalidation(let outcome) = event.action {
        model.setInvalidation(outcome)
        continue
      }
      guard let modelled = modelled(event.action) else {
        return "the schedule names an object that does not exist before step \(step + 1): "
          + "\(event.action)"
      }
      if event.isWhileWaiting {
        whileWaiting.append(modelled)
        continue
      }
      if let errno = Errno(answer: model.perform(modelled)) {
        return "the schedule is impossible before step \(step + 1): \(event.action): \(errno)"
      }
    }
    if !whileWaiting.isEmpty { model.performWhileWaiting(whileWaiting) }
    return nil
  }

  private func modelled(_ action: Schedule.Event.Action) -> ModelledEvent? {
    switch action {
    case .runAccess(let job): jobNumbers[job].map(ModelledEvent.runAccess)
    case .evict(let buffer, let range): place(of: buffer, range).map(ModelledEvent.evict)
    case .fill(let buffer, let range): place(of: buffer, range).map(ModelledEvent.fill)
    case .invalidation: nil
    }
  }

  /// Names a range of a memory to the model by an open handle or dma-buf.
  private func place(of buffer: Int, _ range: Range<UInt64>) -> ModelledRange? {
    let memory = script.memory(of: buffer)
    let sharers = buffers.numbers.filter { script.memory(of: $0) == memory }
    for buffer in [buffer] + sharers {
      guard let live = buffers[buffer] else { continue }
      if live.isOpen {
        let node = nodes[script.buffers[buffer].node]
        return ModelledRange(descriptor: node.descriptor, handle: live.handle, range: range)
      }
      if let descriptor = live.descriptor {
        return ModelledRange(descriptor: descriptor, handle: 0, range: range)
      }
    }
    return nil
  }
}
