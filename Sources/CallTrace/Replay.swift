// SPDX-License-Identifier: MIT

/// Plays recorded calls and compares what is answered.
///
/// What a GPU says of its silicon (ids, counts of cores) is shown but not compared: it is not the
/// interface's, and a trace of one board is played on another.
public struct Replay {
  /// A call that was answered otherwise.
  public struct Difference: Hashable, Sendable {
    /// Which call it is, from 0.
    public let index: Int
    /// What differs, in one line.
    public let summary: String
    public let recorded: RecordedCall
    public let replayed: RecordedCall
  }

  private let player: CallPlayer
  // What the recording gave so far, of each kind of thing.
  private var given = IdentityCounts()

  /// Plays on a player that has not been used.
  public init(_ player: CallPlayer) {
    self.player = player
  }

  /// Plays one call; after a difference what follows still means the things it was recorded with.
  public mutating func play(_ recorded: RecordedCall, index: Int) -> Difference? {
    let answer = player.play(recorded.call)
    given.count(recorded)
    guard answer != recorded.answer else { return nil }
    let (one, other) = (
      recorded.call.withoutSilicon(recorded.answer), recorded.call.withoutSilicon(answer)
    )
    guard one != other else { return nil }
    player.align(with: given)
    let summary = recorded.call.difference(one, other, names: ("recorded", "replayed"))
    return Difference(
      index: index, summary: summary ?? "the answers differ", recorded: recorded,
      replayed: RecordedCall(recorded.call, answer))
  }
}

extension Call {
  /// Returns an answer without what tells which GPU gave it.
  public func withoutSilicon(_ answer: Answer) -> Answer {
    guard case .ioctl(let call) = self, let layout = call.layout, !layout.silicon.isEmpty else {
      return answer
    }
    let parts = AnswerParts(answer, of: call)
    var argument = parts.argument
    var buffers = parts.buffers
    for output in layout.silicon {
      output.clear(&argument, .argument, selectedBy: parts.argument)
      for index in buffers.indices {
        output.clear(&buffers[index], .buffer, selectedBy: parts.argument)
      }
    }
    var result = answer
    result.bytes = argument + buffers.joined()
    return result
  }
}
