// SPDX-License-Identifier: MIT

/// What a recorder reports of a call: first that it is about to be made, then its outcome.
///
/// Both have the call's number, from 1 in the order in which calls begin. Calls of several threads end in any order.
public enum CallEvent: Hashable, Sendable {
  /// The call is about to be made; the start is in seconds since the start of the recording.
  case began(Int, Call, start: Double?)
  /// The call has returned.
  case ended(Int, RecordedCall)
}

extension CallEvent {
  /// Returns the line of a trace.
  public func text(hasTimes: Bool = true) -> String {
    typealias Member = JSONValue.Member
    var members: [Member]
    switch self {
    case .began(let number, let call, let start):
      members = [Member("n", .integer(number))] + DescribedCall(call).members
      if hasTimes, let start { members.append(Member("start", .decimal(start.inMicroseconds))) }
    case .ended(let number, let recorded):
      members = [Member("n", .integer(number))] + DescribedOutcome(recorded).members
      if hasTimes, let seconds = recorded.seconds {
        members.append(Member("seconds", .decimal(seconds.inMicroseconds)))
      }
    }
    return JSONValue.object(members).json + "\n"
  }
}

extension Double {
  /// Rounded to microseconds.
  fileprivate var inMicroseconds: Double { (self * 1e6).rounded() / 1e6 }
}
