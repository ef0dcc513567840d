// SPDX-License-Identifier: MIT

import DRMKernel
import LitmusExplorer
import MockDRM
import LitmusRunner
import Litmus
import TestSupport
import Testing

/// The scripts in Tests/Litmus: explorer, runner and mock must tell one story of each, on every kind of device.
@Suite struct LitmusTests {
  /// A device to ask for.
  struct Kind: Hashable, Sendable, CustomStringConvertible {
    let driver: MockProfile.Driver
    var isCoherent = false
    var policy = DriverPolicy.merged

    var description: String { "\(driver), \(isCoherent ? "coherent" : "not coherent"), \(policy)" }

    func platform(for script: Script) throws -> Platform {
      let policy = try #require(SyncPolicy(rawValue: policy.rawValue))
      return Platform(
        nodes: script.nodes.enumerated().map { index, node in
          index == 0
            ? NodeModel(driver: driver.rawValue, isCoherent: isCoherent, policy: policy)
            : NodeModel(driver: node.drivers[0], policy: policy)
        })
    }

    /// Whoever is asked for, all others that a script may need are there.
    func bench(_ caches: CachePolicy, jobs: JobExecution = .modelled) -> ScriptBench {
      ScriptBench(
        [driver, .panthor, .panfrost, .vgem, .powervr], caches: caches, isCoherent: isCoherent,
        policy: policy, jobs: jobs)
    }
  }

  static let kinds = [MockProfile.Driver.panthor, .panfrost].flatMap { driver in
    [
      Kind(driver: driver), Kind(driver: driver, isCoherent: true),
      Kind(driver: driver, policy: .seriesV4), Kind(driver: driver, policy: .privateWB),
    ]
  }

  private static let policies: [CachePolicy] = [
    CachePolicy(), CachePolicy(evict: .always, fill: .never),
    CachePolicy(evict: .never, fill: .never, invalidate: .writeBack),
    CachePolicy(evict: .always, fill: .always),
    CachePolicy(evict: .seeded(1), fill: .seeded(2), invalidate: .seeded(3)),
  ]

  @Test(arguments: LitmusFile.all)
  func oneStoryIsTold(_ file: LitmusFile) throws {
    let script = try file.script()
    for kind in Self.kinds {
      guard script.nodes[0].drivers.contains(kind.driver.rawValue) else {
        #expect(kind.bench(CachePolicy()).run(script).verdict == .skip)
        continue
      }
      let exploration = try Explorer().explore(script, on: kind.platform(for: script))
      switch exploration.verdict {
      case .proved: proved(script, kind)
      case .finding: found(exploration.findings, script, kind)
      case .impossible, .undecided:
        #expect(kind.bench(CachePolicy()).run(script).verdict != .pass, "\(kind)")
      }
    }
  }

  /// What is proved passes whatever caches choose, and also where jobs are submitted to the drivers.
  private func proved(_ script: Script, _ kind: Kind) {
    for policy in Self.policies {
      let bench = kind.bench(policy)
      let result = bench.run(script)
      #expect(result.verdict == .pass, "\(kind), \(policy): \(result.reason ?? "")")
      #expect(bench.mock.usage == .none)
      let submitting = kind.bench(policy, jobs: .submitted)
      let submitted = submitting.run(script)
      #expect(submitted.verdict != .fail, "\(kind), \(policy): \(submitted.reason ?? "")")
      #expect(submitting.mock.usage == .none)
    }
  }

  /// Jobs that are told to the model and jobs that are submitted find the same bytes.
  @Test(arguments: LitmusFile.all)
  func submittedJobsFindWhatModelledOnesDo(_ file: LitmusFile) throws {
    let script = try file.script()
    for kind in Self.kinds where kind.policy == .merged {
      let caches = CachePolicy(evict: .never, fill: .always)
      let modelled = kind.bench(caches).run(script)
      let submitted = kind.bench(caches, jobs: .submitted).run(script)
      guard submitted.skippedSteps == 0 else { continue }
      #expect(submitted.verdict == modelled.verdict, "\(kind): \(submitted.reason ?? "")")
      // A GPU that reads descriptors alone cannot tell zeroes from bytes that are nobody's.
      guard kind.driver == .panthor, script.jobs.allSatisfy({ $0.node == 0 }) else { continue }
      #expect(submitted.observations == modelled.observations, "\(kind)")
    }
  }

  /// What can go wrong does go wrong when the mock is made to do it.
  private func found(_ findings: [Finding], _ script: Script, _ kind: Kind) {
    let places = findings.map { "\($0.position): " }
    for finding in findings {
      let schedule: Schedule? =
        if case .read(let read) = finding.evidence { read.schedule } else { nil }
      let bench = kind.bench(CachePolicy(evict: .never, fill: .never))
      let result = bench.run(script, schedule)
      #expect(result.verdict == .fail, "\(kind): \(finding.position)")
      // A wrong answer may come before the read that it leads to.
      #expect(
        places.contains { result.reason?.hasPrefix($0) == true },
        "\(kind): \(finding.position): \(result.reason ?? "")")
      #expect(
        result.observations.contains { $0.position.line == finding.position.line },
        "\(kind): \(finding.position)")
    }
  }
}
