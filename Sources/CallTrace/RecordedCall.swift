// SPDX-License-Identifier: MIT

/// A call that was made, and what it answered.
public struct RecordedCall: Hashable, Sendable {
  public var call: Call
  public var answer: Answer
  /// When it began, in seconds from the recording's begin; nil where times are left out.
  public var start: Double?
  /// How long it took, in seconds; nil where times are left out.
  public var seconds: Double?

  /// Writes a call down.
  public init(_ call: Call, _ answer: Answer, start: Double? = nil, seconds: Double? = nil) {
    self.call = call
    self.answer = answer
    self.start = start
    self.seconds = seconds
  }
}
