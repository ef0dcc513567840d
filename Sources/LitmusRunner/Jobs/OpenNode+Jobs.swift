// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRM
internal import Litmus

extension OpenNode {
  /// Answers who submits a script's jobs to the driver; nil where nobody can.
  func makeEngine(
    for script: Script, number: Int, _ bytes: inout WriteBytes
  ) throws(DRMError) -> (any JobEngine)? {
    if features.contains(.queueGroups) {
      return CommandStreamEngine(self, queues: script.queues.count)
    }
    guard features.contains(.jobChains) else { return nil }
    let slots = try DescriptorSlots(script, on: self, number: number)
    slots.place(in: &bytes)
    return JobChainEngine(self, slots)
  }

  /// Makes a group of queues in the node's VM.
  func createGroup(queues: Int) throws(DRMError) -> PanthorGroup? {
    try makeVM()
    switch vm {
    case .some(let vm): return try node?.createGroup(queues: queues, in: vm)
    case .none: return nil
    }
  }
}
