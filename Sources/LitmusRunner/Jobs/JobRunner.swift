// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import DRMKernel
internal import Litmus

/// What runs the jobs of a script.
enum JobRunner {
  case nothing
  /// The machine's model.
  case model(any ModelledMachine)
  /// The driver of each node.
  case drivers(NumberedItems<any JobEngine>)

  /// Decides by the machine's ``JobExecution`` and by what its drivers can run.
  init(
    _ script: Script, _ nodes: [OpenNode], on machine: ScriptMachine, _ bytes: inout WriteBytes
  ) throws(DRMError) {
    self = .nothing
    switch machine.jobs {
    case .none: return
    case .modelled: break
    case .submitted, .either:
      var engines = NumberedItems<any JobEngine>()
      var adapted = bytes
      for number in Set(script.jobs.map(\.node)).sorted() {
        engines[number] = try nodes[number].makeEngine(for: script, number: number, &adapted)
      }
      let isAble = script.jobs.allSatisfy { job in
        // A job that is too large is skipped.
        job.excess(over: ScriptJob.mostSubmitted) != nil
          || engines[job.node].map { engine in
            (nodes[job.node].lack(of: job, in: script) ?? engine.lack(of: job, in: script)) == nil
          } ?? false
      }
      if isAble || machine.jobs == .submitted || machine.model == nil {
        bytes = adapted
        self = .drivers(engines)
        return
      }
    }
    if let model = machine.model { self = .model(model) }
  }

  /// Whether jobs run.
  var runsJobs: Bool { if case .nothing = self { false } else { true } }
}

extension OpenNode {
  /// Returns the reason why a job with SYNC_WAIT or SYNC_SET cannot run on the driver; nil where it can.
  func lack(of job: ScriptJob, in script: Script) -> String? {
    guard job.usesSyncObjects(in: script), !features.contains(.queueGroups) else { return nil }
    return "sync_wait and sync_set need a driver with command streams, and \(driver) has none"
  }

  /// Creates the engine that submits a script's jobs to the driver; nil where there is none.
  func makeEngine(
    for script: Script, number: Int, _ bytes: inout WriteBytes
  ) throws(DRMError) -> (any JobEngine)? {
    if features.contains(.queueGroups) {
      let queues = Set(script.jobs.filter { $0.node == number }.map(\.queue)).sorted()
      return CommandStreamEngine(self, queues: queues, most: try node?.mostQueues() ?? 0)
    }
    guard features.contains(.jobChains) else { return nil }
    let slots = try DescriptorSlots(script, on: self, number: number)
    slots.place(in: &bytes)
    return JobChainEngine(self, slots)
  }

  /// Creates a group of queues in the node's VM.
  func createGroup(queues: Int) throws(DRMError) -> PanthorGroup? {
    try makeVM()
    switch vm {
    case .some(let vm): return try node?.createGroup(queues: queues, in: vm)
    case .none: return nil
    }
  }
}
