// SPDX-License-Identifier: MIT

import DRMKernel
import Exploration
import MockDRM
import ScriptRunning
import Scripting
import Testing

/// The scripts in Tests/Litmus on mocks whose caches do what they choose, or exactly what a schedule says.
@Suite struct LitmusTests {
  static let policies: [CachePolicy] = [
    CachePolicy(), CachePolicy(evict: .always, fill: .never),
    CachePolicy(evict: .never, fill: .never, invalidate: .writeBack),
    CachePolicy(evict: .always, fill: .always),
    CachePolicy(evict: .seeded(1), fill: .seeded(2), invalidate: .seeded(3)),
    CachePolicy(evict: .seeded(4), fill: .seeded(5), invalidate: .seeded(6)),
  ]

  static let firsts: [MockProfile.Driver] = [.panthor, .panfrost]

  /// Whoever is asked for, all others that a script may need are there.
  private func bench(_ first: MockProfile.Driver, _ caches: CachePolicy) -> ScriptBench {
    ScriptBench([first, .panthor, .panfrost, .vgem, .powervr], caches: caches)
  }

  @Test(arguments: Litmus.names.filter { $0.hasSuffix(".good.yaml") }, firsts)
  func goodScriptsPassWhateverCachesChoose(
    _ name: String, _ first: MockProfile.Driver
  ) throws {
    let script = try Litmus.script(name)
    for policy in Self.policies {
      let bench = bench(first, policy)
      let result = bench.run(script)
      let isFor = script.nodes[0].drivers.contains(first.rawValue)
      #expect(result.verdict == (isFor ? .pass : .skip), "\(policy): \(result.reason ?? "")")
      #expect(bench.mock.usage == .none)
    }
  }

  /// What the explorer says can go wrong does go wrong when the mock is made to do it.
  @Test(arguments: Litmus.names.filter { $0.hasSuffix(".bad.yaml") }, firsts)
  func badScriptsFailAsTheExplorerSays(_ name: String, _ first: MockProfile.Driver) throws {
    let script = try Litmus.script(name)
    guard script.nodes[0].drivers.contains(first.rawValue) else { return }
    let platform = Platform(
      nodes: script.nodes.enumerated().map { index, node in
        NodeModel(driver: index == 0 ? first.rawValue : node.drivers[0])
      })
    let exploration = try Explorer().explore(script, on: platform)
    let places = exploration.findings.map { "\($0.position): " }
    for finding in exploration.findings {
      let bench = bench(first, CachePolicy(evict: .never, fill: .never))
      switch finding.evidence {
      case .answer:
        let result = bench.run(script)
        #expect(result.verdict == .fail)
        #expect(result.reason?.hasPrefix("\(finding.position): ") == true, "\(result)")
      case .read(let read):
        let result = bench.run(script, read.schedule)
        #expect(result.verdict == .fail, "\(finding)\n\(result)")
        // A wrong answer may come before the read that it leads to.
        #expect(places.contains { result.reason?.hasPrefix($0) == true }, "\(finding)\n\(result)")
        #expect(result.observations.contains { $0.position.line == finding.position.line })
      }
    }
  }
}
