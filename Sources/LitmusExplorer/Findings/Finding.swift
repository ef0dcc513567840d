// SPDX-License-Identifier: MIT

public import DRMKernel
public import Litmus

/// A fault of a script, and how it happens.
public struct Finding: Sendable {
  /// A read that can see wrong bytes.
  public struct WrongRead: Sendable {
    public let read: ReadID
    /// The number of the BO it reads.
    public let buffer: Int
    /// Some of the wrong bytes, in the BO.
    public let range: Range<UInt64>
    /// The write that it must see, or ``ScriptAccess/zeroes``.
    public let expected: Int
    /// Whether the script names that write; otherwise it is the last one ordered before the read.
    public let isExpectedByName: Bool
    /// Whether the read, or a write before it, is not ordered with a write.
    public let isRace: Bool
    /// Of a race, the writes that the read can come before or after; none where only writes are not ordered.
    public let rivals: [Int]
    /// The write that it sees, or ``ScriptAccess/zeroes`` or ``LineValue/previousContents``.
    public let seen: Int
    /// The cache line of these bytes.
    public let line: Range<UInt64>
    /// The step that invalidates the line and discards the bytes; nil where none does.
    public let discardingStep: Int?
    /// The events of that line, in order.
    public let timeline: [TimelineEntry]
    /// The schedule under which a mock shows the same.
    public let schedule: Schedule
  }

  /// A step that returns another errno than its script expects.
  public struct WrongResult: Hashable, Sendable {
    public let step: Int
    /// Nil for success.
    public let errno: Errno?
  }

  /// The fault.
  public enum Evidence: Sendable {
    case read(WrongRead)
    case result(WrongResult)
    /// This step is a START without an END, or an END without a START.
    case unpaired(step: Int)
  }

  /// Nil for a wrong result without a name of its own.
  public let name: FindingName?
  public let position: SourcePosition
  public let evidence: Evidence

  /// Its name in reports.
  public var label: String { name?.rawValue ?? "WRONG_ERRNO" }

  /// What tells it from the other findings of its script.
  public var id: FindingID {
    switch evidence {
    case .read(let wrong): FindingID(label: label, place: .read(wrong.read))
    case .result(let wrong): FindingID(label: label, place: .step(wrong.step))
    case .unpaired(let step): FindingID(label: label, place: .step(step))
    }
  }
}

/// The identity of a finding: its name, and the read or step at fault.
public struct FindingID: Hashable, Sendable {
  /// A read or a step of the script.
  public enum Place: Hashable, Sendable {
    case read(ReadID)
    case step(Int)
  }

  public let label: String
  public let place: Place

  /// Creates an identity.
  public init(label: String, place: Place) {
    self.label = label
    self.place = place
  }
}

/// An event of a cache line.
public struct TimelineEntry: Hashable, Sendable {
  /// The step it is part of or precedes; the number of steps for an event after the last.
  public let step: Int
  /// The step's position; nil for an event that is not part of a step.
  public let position: SourcePosition?
  /// What happens, in a few words.
  public let what: String
  /// The state of the byte and its line after it.
  public let value: LineValue
}
