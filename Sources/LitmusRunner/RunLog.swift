// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMKernel
internal import Litmus

/// The observations of a script's run so far.
struct RunLog {
  private let script: Script
  /// The index of the current step.
  var step = 0

  private var observations: [ScriptObservation] = []
  private var executed = 0
  private var skipped = 0
  private var skipReason: String?
  // The number of reads that were compared with a write, and of calls with the errno that the script expects.
  private var judged = 0
  private var lack: String?
  private var failure: (reason: String, expectation: String?)?

  init(_ script: Script) {
    self.script = script
  }

  /// Notes that the machine lacks what the script needs.
  mutating func lack(_ reason: String) {
    if lack == nil { lack = reason }
  }

  /// Notes a failure; only the first one is kept.
  mutating func fail(_ reason: String, expected expectation: String? = nil) {
    if failure == nil { failure = (reason, expectation) }
  }

  /// Compares a step's result with the expected one, and returns whether the run ends with it.
  mutating func note(_ result: StepResult, of step: ScriptStep) -> Bool {
    let action = script.text(of: step.action)
    let expected = step.errno.map { "\($0)" } ?? "ok"
    func isWrong(_ outcome: String) -> String {
      "\(step.position): \(action): must be \(expected), but is \(outcome)"
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
      return step.action.isPrerequisite
    case .refused(let errno, let sentence):
      executed += 1
      observe(step.position, action, "\(errno)")
      guard step.errno != errno else {
        judged += 1
        return false
      }
      fail(
        step.errno == nil ? "\(step.position): \(sentence)" : isWrong("\(errno)"),
        expected: expectation(step.position, action, expected))
      return step.action.isPrerequisite
    case .read(let finding):
      executed += 1
      observe(step.position, action, finding.seen)
      guard step.errno == nil else {
        fail(isWrong("ok"), expected: expectation(step.position, action, expected))
        return false
      }
      // The position of the range, as for a job's read.
      if case .access(let access) = step.action { judge(finding, access.position, action) }
      return false
    }
  }

  /// Judges reads of jobs.
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
      } else if lack != nil || executed == 0 || isNothingJudged {
        .skip
      } else {
        .pass
      }
    let count = "\(skipped) of \(script.steps.count) steps skipped"
    let omission = skipReason.map {
      isNothingJudged ? "no read was judged, \(count): \($0)" : "\(count): \($0)"
    }
    return ScriptResult(
      verdict: verdict, observations: observations, executedSteps: executed,
      skippedSteps: skipped, reason: failure?.reason ?? lack ?? omission,
      expectation: failure?.expectation)
  }

  /// Whether the script has reads, and what was skipped left none of them to judge.
  private var isNothingJudged: Bool {
    skipped > 0 && judged == 0 && script.hasReads
  }

  private mutating func judge(
    _ finding: ReadJudge.Finding, _ position: SourcePosition, _ action: String
  ) {
    if finding.isJudged { judged += 1 }
    guard !finding.isRight else { return }
    fail(
      "\(position): \(action): must see \(finding.expected), but sees \(finding.seen)",
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

extension Script {
  /// Whether the CPU or a job reads.
  fileprivate var hasReads: Bool {
    jobs.contains { $0.accesses.contains(where: \.isRead) }
      || steps.contains { step in
        if case .access(let access) = step.action { access.isRead } else { false }
      }
  }
}

extension ScriptStep.Action {
  /// Whether later steps depend on it, so that the run ends where it fails.
  fileprivate var isPrerequisite: Bool {
    switch self {
    case .create, .map, .unmap, .close, .export, .importBuffer, .submit, .wait: true
    case .access, .sync, .beginAccess, .endAccess: false
    }
  }
}

/// The result of one step, before it is compared with the expected one.
enum StepResult {
  /// It succeeded.
  case done
  /// It read bytes of the mapping.
  case read(ReadJudge.Finding)
  /// It was skipped for this reason; the script continues.
  case skipped(String)
  /// The kernel or the model refused it; with an error message.
  case refused(Errno, String)
  /// The driver or the CPU lacks a feature; the script ends.
  case lacking(String)
  /// It cannot be carried out as the script is written.
  case unsound(String)

  /// Converts an error of the client.
  init(_ error: DRMError) {
    if let errno = error.errno {
      self = .refused(errno, "\(error)")
      return
    }
    switch error.reason {
    case .needs, .notOffered, .rangeTooLarge, .noUserlandMaintenance: self = .lacking("\(error)")
    default: self = .unsound("\(error)")
    }
  }
}
