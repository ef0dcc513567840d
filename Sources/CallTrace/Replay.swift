// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import UAPILayouts

/// Plays recorded calls and compares the outcomes.
///
/// Values that describe the GPU's hardware (ids, numbers of cores) are printed but not compared, so that a
/// trace of one board replays on another.
public struct Replay {
  /// A call with another outcome than the recorded one.
  public struct Difference: Hashable, Sendable {
    /// The index of the call, from 0.
    public let index: Int
    /// The difference, in one line.
    public let summary: String
    public let recorded: RecordedCall
    public let replayed: RecordedCall
  }

  private let player: CallPlayer
  // The number of resources that the recorded kernel has returned so far.
  private var returned = IdentityCounts()

  /// Creates a replay on a player that has not been used.
  public init(_ player: CallPlayer) {
    self.player = player
  }

  /// Plays one call; after a difference, the following calls still name the recorded resources.
  public mutating func play(_ recorded: RecordedCall, index: Int) -> Difference? {
    let outcome = player.play(recorded.call)
    returned.count(recorded)
    guard outcome != recorded.outcome else { return nil }
    let (one, other) = (
      recorded.call.withoutHardwareValues(recorded.outcome),
      recorded.call.withoutHardwareValues(outcome)
    )
    guard one != other else { return nil }
    player.align(with: returned)
    let summary = recorded.call.difference(one, other, names: ("recorded", "replayed"))
    return Difference(
      index: index, summary: summary ?? "the outcomes differ", recorded: recorded,
      replayed: RecordedCall(recorded.call, outcome))
  }
}

extension CallPlayer {
  /// Makes the orders of appearance those of the recorded kernel, after a difference.
  ///
  /// Resources that only this kernel returned are closed or unmapped. Those that only the recorded kernel
  /// returned name nothing here.
  func align(with counts: IdentityCounts) {
    while identities.descriptors.entries.count < counts.descriptors {
      identities.descriptors.addMissing()
    }
    while identities.descriptors.entries.count > counts.descriptors {
      guard let number = identities.descriptors.removeLast() else { continue }
      _ = kernel.close(number)
    }
    while identities.mappings.entries.count < counts.mappings { identities.mappings.addMissing() }
    while identities.mappings.entries.count > counts.mappings {
      for range in identities.mappings.removeLast() {
        _ = kernel.munmap(range.lowerBound, length: range.count)
      }
    }
    identities.fakeOffsets.align(with: counts.fakeOffsets)
    identities.gpuAddresses.align(with: counts.gpuAddresses)
  }
}

extension Call {
  /// Returns an outcome with the values that describe the GPU's hardware cleared.
  public func withoutHardwareValues(_ outcome: CallOutcome) -> CallOutcome {
    guard case .ioctl(let call) = self, let layout = call.layout, !layout.hardware.isEmpty else {
      return outcome
    }
    let parts = OutcomeParts(outcome, of: call)
    var argument = parts.argument
    var buffers = parts.buffers
    for output in layout.hardware {
      output.clear(&argument, .argument, selectedBy: parts.argument)
      for index in buffers.indices {
        output.clear(&buffers[index], .buffer, selectedBy: parts.argument)
      }
    }
    var result = outcome
    result.bytes = argument + buffers.joined()
    return result
  }
}
