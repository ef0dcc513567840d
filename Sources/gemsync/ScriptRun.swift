// SPDX-License-Identifier: MIT

import DRMDrivers
import CDRM
import DRM
import DRMConformance
import Devices
import Reports
import LitmusRunner
import Litmus

/// One run of a script, as reports tell it.
struct ScriptRun {
  /// What was expected and observed, in full.
  let result: CheckResult
  /// What each step was answered, a line each, indented.
  let steps: String
  let counts: StepCounts

  /// Runs the script, unless the person at the terminal has had enough.
  init(_ script: Script, _ schedule: Schedule?, by runner: ScriptRunner) {
    let id = Self.id(of: script.path)
    guard !cdrm_is_interrupted() else {
      result = CheckResult(
        id: id, verdict: .incomplete, expected: [], observed: [], seconds: 0,
        reason: "interrupted before it ran")
      steps = ""
      counts = StepCounts(executed: 0, skipped: 0)
      return
    }
    let clock = ContinuousClock()
    let start = clock.now
    let ended = runner.run(script, schedule: schedule)
    let observed = ended.observations.map(\.description)
    result = CheckResult(
      id: id, verdict: Verdict(ended.verdict), expected: ended.expectation.map { [$0] } ?? [],
      observed: observed, seconds: (clock.now - start) / .seconds(1), reason: ended.reason)
    counts = StepCounts(executed: ended.executedSteps, skipped: ended.skippedSteps)
    steps = observed.map { "       \($0)\n" }.joined()
  }

  /// The same in few words: the reason says all of it.
  var summary: CheckResult {
    CheckResult(
      id: result.id, verdict: result.verdict, expected: [], observed: [],
      seconds: result.seconds, reason: result.reason)
  }

  /// The name of the file without `.yaml`, in the letters that ids have.
  static func id(of path: String) -> String {
    var name = path.split(separator: "/").last.map(String.init) ?? path
    if name.hasSuffix(".yaml") { name.removeLast(5) }
    let known = "abcdefghijklmnopqrstuvwxyz0123456789._"
    return String(name.lowercased().map { known.contains($0) ? $0 : "_" })
  }
}

extension Verdict {
  fileprivate init(_ verdict: ScriptResult.Verdict) {
    switch verdict {
    case .pass: self = .pass
    case .fail: self = .fail
    case .skip: self = .skip
    }
  }
}
