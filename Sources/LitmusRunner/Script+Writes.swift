// SPDX-License-Identifier: MIT

internal import Litmus

extension Script {
  /// Every write, the CPU's and those of jobs that are submitted, in the order of the steps.
  var allWrites: [ScriptAccess] {
    steps.flatMap { step -> [ScriptAccess] in
      switch step.action {
      case .access(let access): [access]
      case .submit(let job): jobs[job].accesses
      default: []
      }
    }.filter { access in
      if case .write = access.kind { true } else { false }
    }
  }
}
