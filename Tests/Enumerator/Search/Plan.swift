// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// A script as it will be searched: what was refused of it, and what must come before what.
struct Plan {
  let script: Script
  let platform: MockPlatform
  /// The steps that the mock refuses; which ones depends on no schedule.
  let refused: Set<Int>
  let answers: [CInt]
  let order: OrderRelation
  private let beforeSteps: [[(job: Int, access: Int)]]
  private let beforeAccesses: [[[(job: Int, access: Int)]]]
  private let submissions: [Int?]

  /// Plays a script once, with jobs as late as they can be, to see what is refused.
  init(_ script: Script, _ platform: MockPlatform) {
    let machine = ScriptMachine(script, platform)
    answers = script.steps.map { machine.play($0.action) }
    self.script = script
    self.platform = platform
    refused = Set(answers.indices.filter { [answers] in answers[$0] < 0 })
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

  /// The steps that answer otherwise than the script says.
  var refusals: [Int: CInt] {
    var refusals: [Int: CInt] = [:]
    for (index, step) in script.steps.enumerated() {
      let isExpected =
        step.errno.map { answers[index] == $0.answer } ?? (answers[index] >= 0)
      if !isExpected { refusals[index] = answers[index] }
    }
    return refusals
  }

  /// The jobs that were taken before a step.
  func submitted(before step: Int) -> [Int] {
    submissions.indices.filter { job in submissions[job].map { $0 < step } ?? false }
  }

  /// The accesses of jobs that must have run at the end of a step.
  func accesses(before step: Int) -> [(job: Int, access: Int)] { beforeSteps[step] }

  /// The accesses of jobs that must have run before an access of a job.
  func accesses(before job: Int, _ access: Int) -> [(job: Int, access: Int)] {
    beforeAccesses[job][access]
  }

  /// What may become of dirty lines that a step invalidates.
  func outcomes(of step: Int) -> [InvalidationOutcome] {
    switch script.steps[step].action {
    case .sync, .beginAccess, .endAccess, .close: InvalidationOutcome.allCases
    default: [.lose]
    }
  }
}
