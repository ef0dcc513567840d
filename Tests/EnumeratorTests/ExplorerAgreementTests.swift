// SPDX-License-Identifier: MIT

import Foundation
import Scripting
import Testing

@testable import gemsync_enumerate

/// The explorer says of scripts what trying everything on the mock says: `gemsync-enumerate` asks more of them.
@Suite struct ExplorerAgreementTests {
  static let litmus: [URL] = {
    let directory = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Litmus")
    let all = try? FileManager.default.contentsOfDirectory(
      at: directory, includingPropertiesForKeys: nil)
    return (all ?? []).filter { $0.pathExtension == "yaml" }.sorted { $0.path < $1.path }
  }()

  @Test(arguments: litmus) func agreesOnLitmus(_ file: URL) throws {
    let text = try String(contentsOf: file, encoding: .utf8)
    let script = try ScriptReader.read(path: file.lastPathComponent, text: text)
    for platform in MockPlatform.all(for: script) {
      let verdict = Enumerator.verdict(on: script, platform)
      #expect(verdict.isProved == text.contains("# proved"), "\(platform): \(verdict.summary)")
      #expect(verdict.complaints.isEmpty)
      #expect(Comparison(script, platform, verdict).disagreement == nil, "\(platform)")
    }
  }

  @Test func thereIsLitmus() {
    #expect(Self.litmus.count >= 88)
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
