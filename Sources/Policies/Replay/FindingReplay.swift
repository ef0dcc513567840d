// SPDX-License-Identifier: MIT

public import LitmusExplorer
internal import LitmusRunner
public import Litmus

/// What the mock shows when it is made to do what a finding says.
public struct FindingReplay: Sendable {
  /// Whether it shows what the finding says.
  public let isConfirmed: Bool
  /// The same in words.
  public let text: String

  // In steps, and in bytes of all BOs: what takes no longer than a moment.
  private static let mostSteps = 2000
  private static let mostBytes: UInt64 = 256 << 20

  /// Plays a finding of a script; nil where no mock is like the platform, or the script is too large for that.
  public init?(_ finding: Finding, of script: Script, on platform: Platform) {
    let bytes = script.buffers.reduce(0) { $0 + $1.size }
    guard script.steps.count <= Self.mostSteps, bytes <= Self.mostBytes,
      let stage = MockStage(platform)
    else { return nil }
    switch finding.evidence {
    case .answer(let wrong):
      let result = stage.run(script)
      let seen = result.observations.filter { $0.step == wrong.step }
      let answer = wrong.answer.map { "\($0)" } ?? "ok"
      isConfirmed = seen.contains { $0.outcome == answer }
      text = isConfirmed ? "the same answer" : "another answer: \(Self.text(seen))"
    case .read(let wrong):
      let result = stage.run(script, wrong.schedule)
      let seen = result.observations.filter { $0.position == script.position(of: wrong.read) }
      // What nobody wrote has no name there.
      let name = wrong.seen == LineValue.poison ? "other bytes" : script.name(ofWrite: wrong.seen)
      isConfirmed = seen.contains { $0.outcome.split(separator: ", ").contains { $0 == name } }
      text = isConfirmed ? "the same wrong bytes" : "not so: \(Self.text(seen, result))"
    }
  }

  private static func text(_ seen: [ScriptObservation], _ result: ScriptResult? = nil) -> String {
    let text = seen.map(\.description).joined(separator: "; ")
    return text.isEmpty ? result?.reason ?? "the step was not reached" : text
  }
}

extension Script {
  /// Where a read stands.
  fileprivate func position(of read: ReadID) -> SourcePosition {
    switch read {
    case .cpu(let step): steps[step].position
    case .device(let job, let access): jobs[job].accesses[access].position
    }
  }
}
