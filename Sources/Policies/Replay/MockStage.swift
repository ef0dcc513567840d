// SPDX-License-Identifier: MIT

@_spi(ProposedSync) internal import DRM
internal import DRMKernel
public import LitmusExplorer
public import MockDRM
public import LitmusRunner
public import Litmus

/// A mock machine that is what a script was explored for.
public struct MockStage: Sendable {
  private let mock: MockKernel
  private let machine: ScriptMachine

  /// Creates the machine; nil for a platform that no mock is like.
  public init?(_ platform: Platform, caches: CachePolicy = CachePolicy(evict: .never, fill: .never))
  {
    var caches = caches
    caches.lineSize = Int(platform.lineSize)
    var profiles: [MockProfile] = []
    for node in platform.nodes where !node.isExporterOnly {
      guard let driver = MockProfile.Driver(rawValue: node.driver),
        let policy = DriverPolicy(rawValue: node.policy.rawValue)
      else { return nil }
      profiles.append(
        MockProfile(
          driver, isCoherent: node.isCoherent, pageSize: Int(platform.pageSize), hasHeap: true,
          caches: caches, policy: policy))
    }
    guard !profiles.isEmpty else { return nil }
    mock = MockKernel(profiles)
    let nodes = zip(profiles, mock.devices()).map { profile, entry in
      // vgem makes BOs on its primary node only.
      ScriptMachine.Node(
        path: (profile.driver == .vgem ? entry.primaryNode : entry.renderNode) ?? "",
        driver: profile.driver.rawValue)
    }
    machine = ScriptMachine(
      kernel: .substitute(mock), device: nodes[0], neighbours: Array(nodes.dropFirst()),
      model: mock,
      abi: platform.nodes[0].policy == .seriesV4 ? .seriesV4 : .merged)
  }

  /// Runs a script; without a schedule jobs run as late as they can.
  public func run(_ script: Script, _ schedule: Schedule? = nil) -> ScriptResult {
    ScriptRunner(machine).run(script, schedule: schedule)
  }
}
