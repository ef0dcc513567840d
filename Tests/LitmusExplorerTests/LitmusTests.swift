// SPDX-License-Identifier: MIT

import LitmusExplorer
import Litmus
import Testing

@Suite struct LitmusTests {
  /// The bad script of each pair has the finding in its name, and the good one is proved.
  @Test(arguments: LitmusCase.all)
  func hasTheExpectedVerdict(_ litmus: LitmusCase) throws {
    for platform in litmus.platforms {
      let exploration = try Explorer().explore(litmus.script, on: platform)
      let driver = platform.nodes[0].driver
      if let finding = litmus.finding {
        #expect(exploration.verdict == .finding, "\(driver)")
        #expect(
          exploration.findings.first?.name == finding,
          "\(driver): \(exploration.findings.map(\.label))")
      } else {
        #expect(exploration.verdict == .proved, "\(driver): \(exploration.findings.map(\.label))")
      }
    }
  }

  @Test func everyFindingHasPairs() {
    let names = Dictionary(grouping: LitmusCase.all.compactMap(\.finding)) { $0 }
    for name in FindingName.allCases { #expect((names[name]?.count ?? 0) >= 2, "\(name)") }
    let bad = LitmusCase.all.filter { $0.finding != nil }
    #expect(bad.count >= 96)
    for litmus in bad {
      let good = litmus.name.replacing(".bad.yaml", with: ".good.yaml")
      #expect(LitmusCase.all.contains { $0.name == good && $0.finding == nil }, "\(litmus.name)")
    }
  }

  /// Without its jobs, every good script still has a sync and a read, which a real driver runs.
  @Test func everyGoodScriptSyncsAndReads() {
    for litmus in LitmusCase.all where litmus.finding == nil {
      let hasSync = litmus.script.steps.contains { step in
        switch step.action {
        case .sync, .beginAccess, .endAccess: step.errno == nil
        default: false
        }
      }
      let hasRead = litmus.script.steps.contains { step in
        if case .access(let access) = step.action { access.isRead } else { false }
      }
      #expect(hasSync && hasRead, "\(litmus.name)")
    }
  }
}
