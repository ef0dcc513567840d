// SPDX-License-Identifier: MIT

public import DRMKernel
public import Litmus

/// Something that is wrong with a script, and how it comes about.
public struct Finding: Sendable {
  /// A read that can show the wrong bytes.
  public struct WrongRead: Sendable {
    public let read: ReadID
    /// The BO it reads, by number.
    public let buffer: Int
    /// Some of the bytes where it can, in the BO.
    public let range: Range<UInt64>
    /// The write that it must show, and the one it shows; ``ScriptAccess/zeroes`` or ``LineValue/poison``.
    public let expected: Int
    public let seen: Int
    /// The line they are in.
    public let line: Range<UInt64>
    /// What happens to that line, step by step.
    public let timeline: [TimelineEntry]
    /// The same as a mock can be made to do it.
    public let schedule: Schedule
  }

  /// What a step was refused with where it must succeed, or what it must be refused with and was not.
  public struct WrongAnswer: Hashable, Sendable {
    public let step: Int
    /// Nil for success.
    public let answer: Errno?
  }

  /// How it shows.
  public enum Evidence: Sendable {
    case read(WrongRead)
    case answer(WrongAnswer)
  }

  /// Nil for an answer that has no name of its own.
  public let name: FindingName?
  public let position: SourcePosition
  public let evidence: Evidence

  /// How results name it.
  public var label: String { name?.rawValue ?? "WRONG_ERRNO" }
}

/// What happens to a line at one moment.
public struct TimelineEntry: Hashable, Sendable {
  /// The step it is, or before which it happens; the number of steps for what happens after all.
  public let step: Int
  /// Where the step stands; nil for what no step does.
  public let position: SourcePosition?
  /// What happens, in a few words.
  public let what: String
  /// What the byte in question and its line are then.
  public let value: LineValue
}
