// SPDX-License-Identifier: MIT

public import DRMConformance
internal import DRMKernel
public import Litmus
public import LitmusRunner

/// One run of a script, as reports show it.
public struct ScriptRun: Sendable {
  /// The expectation and all observations.
  public let result: CheckResult
  /// The observations, one in each line, indented.
  public let steps: String
  public let counts: StepCounts

  /// Runs a script.
  public init(_ script: Script, _ schedule: Schedule?, by runner: ScriptRunner) {
    let clock = ContinuousClock()
    let start = clock.now
    let ended = runner.run(script, schedule: schedule)
    let observed = ended.observations.map(\.description)
    result = CheckResult(
      id: script.id, verdict: Verdict(ended.verdict),
      expected: ended.expectation.map { [$0] } ?? [], observed: observed,
      seconds: (clock.now - start) / .seconds(1), reason: ended.reason)
    counts = StepCounts(executed: ended.executedSteps, skipped: ended.skippedSteps)
    steps = observed.map { "       \($0.printable)\n" }.joined()
  }

  /// The result without expectation and observations; the reason names what went wrong.
  public var summary: CheckResult {
    CheckResult(
      id: result.id, verdict: result.verdict, expected: [], observed: [],
      seconds: result.seconds, reason: result.reason)
  }
}

/// The number of steps of a script that were executed and skipped.
public struct StepCounts: Hashable, Sendable, Codable {
  public let executed: Int
  public let skipped: Int

  /// Creates counts.
  public init(executed: Int, skipped: Int) {
    self.executed = executed
    self.skipped = skipped
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

extension Array {
  /// Returns the elements in random order; the same numbers give the same order.
  public func shuffled(by random: inout some RandomNumberGenerator) -> [Element] {
    var shuffled = self
    // Fisher and Yates, written out: the standard library may change how it draws numbers.
    for last in stride(from: shuffled.count - 1, to: 0, by: -1) {
      shuffled.swapAt(last, Int(random.next() % UInt64(last + 1)))
    }
    return shuffled
  }
}
