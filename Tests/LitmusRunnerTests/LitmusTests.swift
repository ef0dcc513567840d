// SPDX-License-Identifier: MIT

import DRMDrivers
import DRMKernel
import LitmusExplorer
import MockDRM
import LitmusRunner
import Litmus
import TestSupport
import Testing

/// Explorer, runner and mock must agree on each script in Tests/Litmus, on every kind of device.
@Suite struct LitmusTests {
  /// A kind of device under test.
  struct Kind: Hashable, Sendable, CustomStringConvertible {
    let driver: DRMDriver
    var isCoherent = false
    var policy = DriverPolicy.merged

    var description: String { "\(driver), \(isCoherent ? "coherent" : "not coherent"), \(policy)" }

    func platform(for script: Script) throws -> Platform {
      let policy = try #require(SyncPolicy(rawValue: policy.rawValue))
      return Platform(
        nodes: script.nodes.enumerated().map { index, node in
          index == 0
            ? NodeModel(driver: driver, isCoherent: isCoherent, policy: policy)
            : NodeModel(driver: node.drivers[0], policy: policy)
        })
    }

    /// Returns a machine with the device under test and all others that a script can need.
    func bench(_ caches: CachePolicy, jobs: JobExecution = .modelled) -> ScriptBench {
      ScriptBench(
        [driver, .panthor, .panfrost, .vgem, .powervr], caches: caches, isCoherent: isCoherent,
        policy: policy, jobs: jobs)
    }
  }

  static let kinds = DRMDriver.mali.flatMap { driver in
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
  func explorerAndRunnerAgree(_ file: LitmusFile) throws {
    let script = try file.script()
    for kind in Self.kinds {
      guard script.nodes[0].drivers.contains(.drm(kind.driver)) else {
        #expect(kind.bench(CachePolicy()).run(script).verdict == .skip)
        continue
      }
      let exploration = try Explorer().explore(script, on: kind.platform(for: script))
      switch exploration.verdict {
      case .proved: proved(script, kind)
      case .finding: found(exploration.findings, script, kind)
      case .impossible, .undecided, .unexplored:
        #expect(kind.bench(CachePolicy()).run(script).verdict != .pass, "\(kind)")
      }
    }
  }

  /// A proved script passes under every cache policy, and also with jobs submitted to the drivers.
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

  /// Modelled jobs and submitted jobs read the same bytes.
  @Test func submittedJobsReadWhatModelledJobsRead() throws {
    var compared: [DRMDriver: Int] = [:]
    for file in LitmusFile.all {
      let script = try file.script()
      for kind in Self.kinds where kind.policy == .merged {
        let caches = CachePolicy(evict: .never, fill: .always)
        let modelled = kind.bench(caches).run(script)
        let submitted = kind.bench(caches, jobs: .submitted).run(script)
        guard submitted.skippedSteps == 0, submitted.executedSteps > 0 else { continue }
        compared[kind.driver, default: 0] += 1
        #expect(
          submitted.verdict == modelled.verdict, "\(file), \(kind): \(submitted.reason ?? "")")
        // A GPU that reads only descriptors cannot distinguish zeroes from unknown bytes.
        guard kind.driver == .panthor, script.jobs.allSatisfy({ $0.node == 0 }) else { continue }
        #expect(submitted.observations == modelled.observations, "\(file), \(kind)")
      }
    }
    // panfrost skips jobs that read anything but whole descriptors.
    #expect(compared[.panthor] ?? 0 >= 200, "\(compared)")
    #expect(compared[.panfrost] ?? 0 >= 100, "\(compared)")
  }

  /// Every finding is a failure on the mock under the finding's schedule.
  private func found(_ findings: [Finding], _ script: Script, _ kind: Kind) {
    let places = findings.map { "\($0.position): " }
    for finding in findings {
      // The kernel does not pair START and END, so that no call shows it.
      if case .unpaired = finding.evidence { continue }
      let schedule: Schedule? =
        if case .read(let read) = finding.evidence { read.schedule } else { nil }
      let bench = kind.bench(CachePolicy(evict: .never, fill: .never))
      let result = bench.run(script, schedule)
      #expect(result.verdict == .fail, "\(kind): \(finding.position)")
      // A wrong result can precede the read that it makes wrong.
      #expect(
        places.contains { result.reason?.hasPrefix($0) == true },
        "\(kind): \(finding.position): \(result.reason ?? "")")
      #expect(
        result.observations.contains { $0.position.line == finding.position.line },
        "\(kind): \(finding.position)")
    }
  }
}
