// SPDX-License-Identifier: MIT

public import LitmusRunner

/// What a device did with a script, beside what the explorer says of it.
public struct ScriptOutcome: Sendable {
  /// What both come to.
  public enum Agreement: String, Hashable, Sendable {
    /// It is proved, and went right.
    case held
    /// It can go wrong, and did.
    case shown
    /// It can go wrong, and did not this time.
    case notShown = "not_shown"
    /// It is proved, and went wrong: the device is not what it says, or somebody is mistaken.
    case broken
    /// It was not run, or not decided.
    case undecided
  }

  /// The script's file.
  public let path: String
  public let agreement: Agreement
  /// The names of what can go wrong.
  public let findings: [String]
  public let result: ScriptResult
  /// Whether all of it was carried out.
  public let isWhole: Bool
}
