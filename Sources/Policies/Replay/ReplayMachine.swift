// SPDX-License-Identifier: MIT

@_spi(ProposedSync) internal import DRM
internal import DRMDrivers
internal import DRMKernel
public import Litmus
public import LitmusExplorer
public import LitmusRunner
public import MockDRM

/// A mock machine with the same drivers, coherency and policies as a platform of the explorer.
public struct ReplayMachine: Sendable {
  private let mock: MockKernel
  private let machine: ScriptMachine

  /// Creates the machine; nil where the mock cannot model the platform.
  public init?(_ platform: Platform, caches: CachePolicy = CachePolicy(evict: .never, fill: .never))
  {
    var caches = caches
    caches.lineSize = Int(platform.lineSize)
    var drivers: [DRMDriver] = []
    var profiles: [MockProfile] = []
    for node in platform.nodes {
      guard let driver = node.driver.drm else { continue }
      guard let mocked = MockProfile.Driver(rawValue: driver.name),
        let policy = DriverPolicy(rawValue: node.policy.rawValue)
      else { return nil }
      drivers.append(driver)
      profiles.append(
        MockProfile(
          mocked, isCoherent: node.isCoherent, pageSize: Int(platform.pageSize), hasHeap: true,
          caches: caches, policy: policy))
    }
    guard !profiles.isEmpty else { return nil }
    mock = MockKernel(profiles)
    let nodes = zip(drivers, mock.devices()).map { driver, entry in
      let path =
        switch driver.facts.bufferNode {
        case .render: entry.renderNode
        case .primary: entry.primaryNode
        }
      return DeviceDescription(path: path ?? "", driver: driver.name)
    }
    machine = ScriptMachine(
      kernel: .substitute(mock), device: nodes[0], neighbours: Array(nodes.dropFirst()),
      model: mock,
      abi: platform.nodes[0].policy == .seriesV4 ? .seriesV4 : .merged)
  }

  /// Runs a script; without a schedule, jobs run as late as possible.
  public func run(_ script: Script, _ schedule: Schedule? = nil) -> ScriptResult {
    ScriptRunner(machine).run(script, schedule: schedule)
  }
}
