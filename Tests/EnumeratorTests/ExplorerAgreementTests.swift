// SPDX-License-Identifier: MIT

import Litmus
import TestSupport
import Testing

@testable import gemsync_enumerate

/// The explorer must agree with brute-force enumeration on the mock; `gemsync-enumerate` checks more scripts.
@Suite struct ExplorerAgreementTests {
  @Test(arguments: LitmusFile.all) func agreesOnLitmus(_ file: LitmusFile) throws {
    let script = try file.script()
    for platform in MockPlatform.all(for: script) {
      let verdict = Enumerator.verdict(on: script, platform)
      // Enumeration judges reads; calls without their counterpart are none.
      if !file.name.hasPrefix("sync_unbalanced.") {
        #expect(verdict.isProved == file.isSaidToBeProved, "\(platform): \(verdict.summary)")
      }
      #expect(verdict.complaints.isEmpty)
      #expect(Comparison(script, platform, verdict).disagreement == nil, "\(platform)")
    }
  }

  @Test func findsTheLitmusScripts() {
    #expect(LitmusFile.all.count >= 192)
  }

  @Test(arguments: 0..<60) func agreesOnGeneratedScripts(_ number: Int) {
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

  /// Repairs and removable syncs hold by enumeration too; the program checks more scripts with `--repairs`.
  @Test(arguments: 0..<24) func repairsGeneratedScripts(_ number: Int) {
    let generated = ScriptGenerator.script(seed: 12, number)
    let drivers = generated.script.nodes.map { $0.drivers[0] }
    let platform = MockPlatform(
      generated.script, drivers: drivers,
      isCoherent: { Coherency.mixed.isCoherent(12, number, node: $0) })
    let check = RepairCheck(generated.script, platform)
    #expect(check.fault == nil, "\(generated.text)")
  }

  /// Repairs that nothing needs would prove little.
  @Test func repairsMostFindings() {
    var outcomes: [String] = []
    for number in 0..<24 {
      let generated = ScriptGenerator.script(seed: 12, number)
      let platform = MockPlatform(
        generated.script, drivers: generated.script.nodes.map { $0.drivers[0] })
      outcomes += RepairCheck(generated.script, platform).outcomes
    }
    let repaired = outcomes.count { $0.hasSuffix(" repaired") }
    #expect(repaired >= 12 && outcomes.count { $0.contains(" without: ") } * 10 <= repaired)
  }

  @Test(arguments: 0..<200) func writesGeneratedScripts(_ number: Int) throws {
    let script = ScriptGenerator.script(seed: 13, number).script
    let text = ScriptWriter(script).text
    let again = try ScriptReader.read(path: "again", text: text)
    #expect(ScriptWriter(again).text == text)
    #expect(again.jobs.map(\.after) == script.jobs.map(\.after))
    #expect(again.steps.count == script.steps.count)
  }

  @Test func generatesTheSameScriptForTheSameSeed() {
    for number in 0..<50 {
      let script = ScriptGenerator.script(seed: 8, number)
      #expect(script.text == ScriptGenerator.script(seed: 8, number).text)
      #expect(script.text != ScriptGenerator.script(seed: 9, number).text)
    }
  }

  /// Agreement on scripts without faults would prove little.
  @Test func generatesWrongScripts() {
    var wrong = 0
    for number in 0..<60 {
      let script = ScriptGenerator.script(seed: 8, number).script
      let platform = MockPlatform(script, drivers: script.nodes.map { $0.drivers[0] })
      wrong += Enumerator.badReads(of: script, on: platform).isEmpty ? 0 : 1
    }
    #expect(wrong > 12)
  }
}
