// SPDX-License-Identifier: MIT

/// How a check ended.
///
/// The words are those of the machine-readable formats.
public enum Verdict: String, CaseIterable, Hashable, Sendable, Codable {
  /// The statement holds.
  case pass
  /// The statement does not hold.
  case fail
  /// The device does not have what the check requires.
  case skip
  /// The check's process died.
  case crash
  /// The check did not end in its time.
  case timeout
  /// The run was interrupted before the check ended.
  case incomplete
  /// The statement could be neither shown nor refuted.
  case undecided
}
