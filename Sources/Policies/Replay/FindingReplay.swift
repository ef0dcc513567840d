// SPDX-License-Identifier: MIT

public import LitmusExplorer
internal import LitmusRunner
public import Litmus

/// The replay of a finding on a mock, under the finding's schedule.
public struct FindingReplay: Sendable {
  /// Whether the mock shows the same fault.
  public let isConfirmed: Bool
  /// The result in words.
  public let text: String

  // Limits on the steps and on the size of all BOs, so that a replay takes less than a second.
  private static let mostSteps = 2000
  private static let mostBytes: UInt64 = 256 << 20

  /// Replays a finding of a script; nil where no mock matches the platform, or the script is too large.
  public init?(_ finding: Finding, of script: Script, on platform: Platform) {
    let bytes = script.buffers.reduce(0) { $0 + $1.size }
    guard script.steps.count <= Self.mostSteps, bytes <= Self.mostBytes,
      let machine = ReplayMachine(platform)
    else { return nil }
    switch finding.evidence {
    // The kernel does not pair them, so that a mock shows nothing.
    case .unpaired: return nil
    case .result(let wrong):
      let result = machine.run(script)
      let seen = result.observations.filter { $0.step == wrong.step }
      let outcome = wrong.errno.map { "\($0)" } ?? "ok"
      isConfirmed = seen.contains { $0.outcome == outcome }
      text = isConfirmed ? "the same result" : "another result: \(Self.text(seen))"
    case .read(let wrong):
      let result = machine.run(script, wrong.schedule)
      let seen = result.observations.filter { $0.position == script.position(of: wrong.read) }
      // The runner has no name for memory's previous contents.
      let name =
        wrong.seen == LineValue.previousContents ? "other bytes" : script.name(ofWrite: wrong.seen)
      isConfirmed = seen.contains { $0.outcome.split(separator: ", ").contains { $0 == name } }
      text = isConfirmed ? "the same wrong bytes" : "not confirmed: \(Self.text(seen, result))"
    }
  }

  private static func text(_ seen: [ScriptObservation], _ result: ScriptResult? = nil) -> String {
    let text = seen.map(\.description).joined(separator: "; ")
    return text.isEmpty ? result?.reason ?? "the step was not reached" : text
  }
}

extension Script {
  /// Returns the position of a read.
  fileprivate func position(of read: ReadID) -> SourcePosition {
    switch read {
    case .cpu(let step): steps[step].position
    case .device(let job, let access): jobs[job].accesses[access].position
    }
  }
}
