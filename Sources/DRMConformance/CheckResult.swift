// SPDX-License-Identifier: MIT

/// The result of one check on one device.
public struct CheckResult: Hashable, Sendable {
  public let id: String
  public let verdict: Verdict
  /// What the statement requires of each judged call, in order, up to the first wrong result.
  public let expected: [String]
  /// What each call returned: errno names and values that do not change from run to run.
  public let observed: [String]
  /// How long the check took, in seconds.
  public let seconds: Double
  /// Why it did not pass.
  public let reason: String?

  /// Creates a result.
  public init(
    id: String, verdict: Verdict, expected: [String] = [], observed: [String] = [],
    seconds: Double = 0, reason: String?
  ) {
    self.id = id
    self.verdict = verdict
    self.expected = expected
    self.observed = observed
    self.seconds = seconds
    self.reason = reason
  }
}

/// How a check ended; the raw values are those of the machine-readable formats.
public enum Verdict: String, CaseIterable, Hashable, Sendable, Codable {
  /// The statement holds.
  case pass
  /// The statement does not hold.
  case fail
  /// The device does not have what the check requires.
  case skip
  /// The process that ran the check died.
  case crash
  /// The check did not end within its time limit.
  case timeout
  /// The run was interrupted before the check ended.
  case incomplete
  /// The statement was neither confirmed nor refuted.
  case undecided

  /// Whether nothing went wrong: it passed or was skipped.
  public var isGood: Bool { self == .pass || self == .skip }
}
