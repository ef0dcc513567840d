// SPDX-License-Identifier: MIT

public import Litmus

/// What became of a script on one machine.
public struct ScriptResult: Hashable, Sendable {
  /// How it ended.
  public enum Verdict: String, Hashable, Sendable {
    /// Whatever was judged was as it must be.
    case pass
    /// A call was not answered as it must be, or a read did not show what it must.
    case fail
    /// The machine lacks what the script needs, or nothing of it could be carried out.
    case skip
  }

  public let verdict: Verdict
  /// What happened, in the order in which it did.
  public let observations: [ScriptObservation]
  /// How many steps were carried out.
  public let executedSteps: Int
  /// How many steps were left out, as what they need is not there.
  public let skippedSteps: Int
  /// What went wrong first, with its place; or why nothing, or not everything, was carried out.
  public let reason: String?
  /// What must have been seen where it went wrong first; nil where nothing did.
  public let expectation: String?
}

/// What a step was answered, or what a read found.
public struct ScriptObservation: Hashable, Sendable, CustomStringConvertible {
  /// The step by its index, during which it was observed; the number of steps after the last.
  public let step: Int
  public let position: SourcePosition
  /// What was done, such as `read a 128..<132`.
  public let action: String
  /// `ok`, an errno's name, what a read saw by the names of writes, or `skipped`.
  public let outcome: String

  /// Without the file's name, which differs from place to place.
  public var description: String { "line \(position.line) \(action): \(outcome)" }
}
