// SPDX-License-Identifier: MIT

/// What became of one check on one device.
public struct CheckResult: Hashable, Sendable {
  public let id: String
  public let verdict: Verdict
  /// What the statement asks of each judged call, in order, up to the first that went wrong.
  public let expected: [String]
  /// What each call really answered: errno names and values that do not change from run to run.
  public let observed: [String]
  /// How long the check took, in seconds.
  public let seconds: Double
  /// Why it did not pass.
  public let reason: String?

  /// Writes down what became of something, whoever judged it.
  public init(
    id: String, verdict: Verdict, expected: [String], observed: [String], seconds: Double,
    reason: String?
  ) {
    self.id = id
    self.verdict = verdict
    self.expected = expected
    self.observed = observed
    self.seconds = seconds
    self.reason = reason
  }
}
