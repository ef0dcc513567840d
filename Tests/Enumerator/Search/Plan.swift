// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// A script prepared for the search: its refused steps, and its order.
struct Plan {
  let script: Script
  let platform: MockPlatform
  /// The steps that the mock refuses, which are the same under every schedule.
  let refused: Set<Int>
  let results: [CInt]
  let order: OrderRelation
  private let beforeSteps: [[(job: Int, access: Int)]]
  private let beforeAccesses: [[[(job: Int, access: Int)]]]
  private let submissions: [Int?]

  /// Runs a script once, with jobs as late as possible, to find the refused steps.
  init(_ script: Script, _ platform: MockPlatform) {
    let machine = ScriptMachine(script, platform)
    results = script.steps.map { machine.perform($0.action) }
    self.script = script
    self.platform = platform
    refused = Set(results.indices.filter { [results] in results[$0] < 0 })
    let order = OrderRelation(script, platform, refused: refused)
    self.order = order
    beforeSteps = script.steps.indices.map { order.accesses(before: .step($0)) }
    beforeAccesses = script.jobs.enumerated().map { job, described in
      described.accesses.indices.map { order.accesses(before: .access(job: job, $0)) }
    }
    var submissions: [Int?] = Array(repeating: nil, count: script.jobs.count)
    for (index, step) in script.steps.enumerated() where !refused.contains(index) {
      if case .submit(let job) = step.action { submissions[job] = index }
    }
    self.submissions = submissions
  }

  /// The steps with an unexpected result, and these results.
  var refusals: [Int: CInt] {
    var refusals: [Int: CInt] = [:]
    for (index, step) in script.steps.enumerated() {
      let isExpected =
        step.errno.map { results[index] == $0.answer } ?? (results[index] >= 0)
      if !isExpected { refusals[index] = results[index] }
    }
    return refusals
  }

  /// Returns the jobs that were submitted before a step.
  func submitted(before step: Int) -> [Int] {
    submissions.indices.filter { job in submissions[job].map { $0 < step } ?? false }
  }

  /// Returns the accesses of jobs that must have run at the end of a step.
  func accesses(before step: Int) -> [(job: Int, access: Int)] { beforeSteps[step] }

  /// Returns the accesses of jobs that must have run before an access of a job.
  func accesses(before job: Int, _ access: Int) -> [(job: Int, access: Int)] {
    beforeAccesses[job][access]
  }

  /// Returns the possible outcomes for dirty lines that a step invalidates.
  func outcomes(of step: Int) -> [InvalidationOutcome] {
    switch script.steps[step].action {
    case .sync, .beginAccess, .endAccess, .close: InvalidationOutcome.allCases
    default: [.lose]
    }
  }
}
