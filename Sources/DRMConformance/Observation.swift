// SPDX-License-Identifier: MIT

internal import DRMKernel

/// What one call answered: `PANTHOR_BO_SYNC: EINVAL`, `GET_CAP: 0 value=3`.
struct Observation: Hashable, Sendable, CustomStringConvertible {
  /// The call, or the thing that was looked at.
  let subject: String
  /// Its errno, 0, or the value that was found.
  let outcome: String

  init(_ subject: String, outcome: String) {
    self.subject = subject
    self.outcome = outcome
  }

  init(_ subject: String, answer: some SignedInteger, values: String = "") {
    self.subject = subject
    let result = Errno(answer: answer).map(String.init(describing:)) ?? "0"
    outcome = values.isEmpty ? result : "\(result) \(values)"
  }

  var description: String { "\(subject): \(outcome)" }
}
