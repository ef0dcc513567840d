// SPDX-License-Identifier: MIT

import LitmusExplorer
import Litmus
import Testing

@Suite struct LitmusTests {
  /// Each bad one of a pair has the finding it is named after, and its twin is proved.
  @Test(arguments: LitmusCase.all)
  func isNamedOrProved(_ litmus: LitmusCase) throws {
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

  @Test func everyNameHasPairs() {
    let names = Dictionary(grouping: LitmusCase.all.compactMap(\.finding)) { $0 }
    for name in FindingName.allCases { #expect((names[name]?.count ?? 0) >= 2, "\(name)") }
    let bad = LitmusCase.all.filter { $0.finding != nil }
    #expect(bad.count >= 40)
    for one in bad {
      let twin = one.name.replacing(".bad.yaml", with: ".good.yaml")
      #expect(LitmusCase.all.contains { $0.name == twin && $0.finding == nil }, "\(one.name)")
    }
  }

  /// What a real driver runs of a repaired script, which gets no jobs there, is at least a sync and a read.
  @Test func everyRepairedScriptSyncsAndReads() {
    for litmus in LitmusCase.all where litmus.finding == nil {
      let hasSync = litmus.script.steps.contains { step in
        switch step.action {
        case .sync, .beginAccess, .endAccess: step.errno == nil
        default: false
        }
      }
      let hasRead = litmus.script.steps.contains { step in
        if case .access(let access) = step.action, case .read = access.kind { true } else { false }
      }
      #expect(hasSync && hasRead, "\(litmus.name)")
    }
  }
}
