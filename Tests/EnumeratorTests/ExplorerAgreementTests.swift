// SPDX-License-Identifier: MIT

import Litmus
import TestSupport
import Testing

@testable import gemsync_enumerate

/// The explorer says of scripts what trying everything on the mock says: `gemsync-enumerate` asks more of them.
@Suite struct ExplorerAgreementTests {
  @Test(arguments: LitmusFile.all) func agreesOnLitmus(_ file: LitmusFile) throws {
    let script = try file.script()
    for platform in MockPlatform.all(for: script) {
      let verdict = Enumerator.verdict(on: script, platform)
      #expect(verdict.isProved == file.isSaidToBeProved, "\(platform): \(verdict.summary)")
      #expect(verdict.complaints.isEmpty)
      #expect(Comparison(script, platform, verdict).disagreement == nil, "\(platform)")
    }
  }

  @Test func thereIsLitmus() {
    #expect(LitmusFile.all.count >= 88)
  }

  @Test(arguments: 0..<60) func agreesOnWhatIsMadeUp(_ number: Int) {
    let generated = ScriptGenerator.script(seed: 4, number)
    let drivers = generated.script.nodes.map { $0.drivers[0] }
    for coherency in Coherency.allCases {
      let platform = MockPlatform(
        generated.script, drivers: drivers,
        isCoherent: { coherency.isCoherent(4, number, node: $0) })
      let verdict = Enumerator.verdict(on: generated.script, platform)
      #expect(verdict.complaints.isEmpty, "\(generated.text)")
      let comparison = Comparison(generated.script, platform, verdict)
      #expect(comparison.disagreement == nil, "\(generated.text)")
    }
  }

  @Test func makesUpTheSameForTheSameSeed() {
    for number in 0..<50 {
      let (one, other) = (
        ScriptGenerator.script(seed: 8, number), ScriptGenerator.script(seed: 8, number)
      )
      #expect(one.text == other.text)
    }
  }

  /// Scripts that nobody can get wrong would compare nothing.
  @Test func makesUpScriptsThatAreWrong() {
    var wrong = 0
    for number in 0..<60 {
      let script = ScriptGenerator.script(seed: 8, number).script
      let platform = MockPlatform(script, drivers: script.nodes.map { $0.drivers[0] })
      wrong += Enumerator.badReads(of: script, on: platform).isEmpty ? 0 : 1
    }
    #expect(wrong > 12)
  }
}
