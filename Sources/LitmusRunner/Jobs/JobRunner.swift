// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMKernel
internal import Litmus

/// Who runs the jobs of a script.
enum JobRunner {
  case nobody
  /// The machine's model, through its side door.
  case model(any ModelledMachine)
  /// The drivers, by the script's nodes.
  case drivers([Int: any JobEngine])

  /// Decides by what the machine is told to do, and by what its drivers can.
  init(
    _ script: Script, _ nodes: [OpenNode], on machine: ScriptMachine, _ bytes: inout WriteBytes
  ) throws(DRMError) {
    self = .nobody
    switch machine.jobs {
    case .none: return
    case .modelled: break
    case .submitted, .either:
      var engines: [Int: any JobEngine] = [:]
      var theirs = bytes
      for number in Set(script.jobs.map(\.node)).sorted() {
        engines[number] = try nodes[number].makeEngine(for: script, number: number, &theirs)
      }
      let isAble = script.jobs.allSatisfy { job in
        engines[job.node].map { $0.lack(of: job, in: script) == nil } ?? false
      }
      if isAble || machine.jobs == .submitted || machine.model == nil {
        bytes = theirs
        self = .drivers(engines)
        return
      }
    }
    if let model = machine.model { self = .model(model) }
  }

  var isNobody: Bool { if case .nobody = self { true } else { false } }
}
