// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// What has been seen of a script's run up to now.
struct RunLog {
  private let script: Script
  /// The step that runs, by its index.
  var step = 0

  private var observations: [ScriptObservation] = []
  private var executed = 0
  private var skipped = 0
  private var skipReason: String?
  private var lack: String?
  private var failure: (reason: String, expectation: String?)?

  init(_ script: Script) {
    self.script = script
  }

  /// Notes that the machine lacks what the script needs.
  mutating func lack(_ reason: String) {
    if lack == nil { lack = reason }
  }

  /// Notes what went wrong; only the first time counts.
  mutating func fail(_ reason: String, expected expectation: String? = nil) {
    if failure == nil { failure = (reason, expectation) }
  }

  /// Compares what became of a step with what must, and answers whether the script ends with it.
  mutating func note(_ result: StepResult, of step: ScriptStep) -> Bool {
    let action = script.text(of: step.action)
    let expected = step.errno.map { "\($0)" } ?? "ok"
    func isWrong(_ outcome: String) -> String {
      "\(step.position): \(action): must be \(expected), and is \(outcome)"
    }
    switch result {
    case .skipped(let reason):
      skipped += 1
      skipReason = skipReason ?? reason
      observe(step.position, action, "skipped")
      return false
    case .lacking(let reason):
      lack("\(step.position): \(reason)")
      return true
    case .unsound(let reason):
      fail("\(step.position): \(action): \(reason)")
      return true
    case .done:
      executed += 1
      observe(step.position, action, "ok")
      guard step.errno != nil else { return false }
      fail(isWrong("ok"), expected: expectation(step.position, action, expected))
      return step.action.isBasis
    case .refused(let errno, let sentence):
      executed += 1
      observe(step.position, action, "\(errno)")
      guard step.errno != errno else { return false }
      fail(
        step.errno == nil ? "\(step.position): \(sentence)" : isWrong("\(errno)"),
        expected: expectation(step.position, action, expected))
      return step.action.isBasis
    case .read(let finding):
      executed += 1
      observe(step.position, action, finding.seen)
      guard step.errno == nil else {
        fail(isWrong("ok"), expected: expectation(step.position, action, expected))
        return false
      }
      // Where the bytes stand, as for a job's read.
      if case .access(let access) = step.action { judge(finding, access.position, action) }
      return false
    }
  }

  /// Judges what jobs have read.
  mutating func note(_ reads: [ScriptSession.JobRead]) {
    for read in reads {
      observe(read.access.position, read.text, read.finding.seen)
      judge(read.finding, read.access.position, read.text)
    }
  }

  var result: ScriptResult {
    let verdict: ScriptResult.Verdict =
      if failure != nil {
        .fail
      } else if lack != nil || executed == 0 {
        .skip
      } else {
        .pass
      }
    let omission = skipReason.map { "\(skipped) of \(script.steps.count) steps skipped: \($0)" }
    return ScriptResult(
      verdict: verdict, observations: observations, executedSteps: executed,
      skippedSteps: skipped, reason: failure?.reason ?? lack ?? omission,
      expectation: failure?.expectation)
  }

  private mutating func judge(
    _ finding: ReadJudge.Finding, _ position: SourcePosition, _ action: String
  ) {
    guard !finding.isRight else { return }
    fail(
      "\(position): \(action): must see \(finding.expected), and sees \(finding.seen)",
      expected: expectation(position, action, finding.expected))
  }

  private func expectation(
    _ position: SourcePosition, _ action: String, _ outcome: String
  ) -> String {
    "\(ScriptObservation(step: step, position: position, action: action, outcome: outcome))"
  }

  private mutating func observe(
    _ position: SourcePosition, _ action: String, _ outcome: String
  ) {
    observations.append(
      ScriptObservation(step: step, position: position, action: action, outcome: outcome))
  }
}

extension ScriptStep.Action {
  /// Whether later steps build on it, so that without it they say nothing.
  fileprivate var isBasis: Bool {
    switch self {
    case .create, .map, .unmap, .close, .export, .importBuffer, .submit, .wait: true
    case .access, .sync, .beginAccess, .endAccess: false
    }
  }
}
