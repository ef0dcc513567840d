// SPDX-License-Identifier: MIT

public import Litmus

/// The result of running a script on one machine.
public struct ScriptResult: Hashable, Sendable {
  /// The verdict on a run.
  public enum Verdict: String, Hashable, Sendable {
    /// All judged calls and reads had the expected result.
    case pass
    /// A call returned an unexpected result, or a read saw wrong bytes.
    case fail
    /// The machine lacks what the script needs, or no step could be carried out.
    case skip
  }

  public let verdict: Verdict
  /// The observations, in order of time.
  public let observations: [ScriptObservation]
  /// The number of steps that were carried out.
  public let executedSteps: Int
  /// The number of steps that were skipped.
  public let skippedSteps: Int
  /// The first failure, with its position; or the reason why steps were skipped.
  public let reason: String?
  /// The expected observation in place of the first failure; nil where there is no failure.
  public let expectation: String?
}

/// The result of a step, or the bytes that a read saw.
public struct ScriptObservation: Hashable, Sendable, CustomStringConvertible {
  /// The index of the step during which it was observed; the number of steps after the last.
  public let step: Int
  public let position: SourcePosition
  /// The action, such as `read a 128..<132`.
  public let action: String
  /// `ok`, an errno's name, the names of the writes that a read saw, or `skipped`.
  public let outcome: String

  /// The observation without the name of the file, so that it does not depend on its folder.
  public var description: String { "line \(position.line) \(action): \(outcome)" }
}
