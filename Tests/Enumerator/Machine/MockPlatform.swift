// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import MockDRM
internal import Litmus

/// The driver of each node on which a script runs.
struct MockPlatform: Hashable, Sendable, CustomStringConvertible {
  /// For each node.
  let drivers: [ScriptDriver]
  /// For each node, whether its device snoops CPU caches; false for exporters that are not DRM drivers.
  let coherency: [Bool]
  /// The policy of the drivers.
  let policy: DriverPolicy

  /// Creates a platform, with the policy `series-v4` for a script with proposed syncs.
  init(_ script: Script, drivers: [ScriptDriver], isCoherent: (Int) -> Bool = { _ in false }) {
    self.drivers = drivers
    coherency = drivers.indices.map { drivers[$0].drm != nil && isCoherent($0) }
    policy = script.isProposed ? .seriesV4 : .merged
  }

  /// Returns a platform for every choice of drivers that a script accepts.
  static func all(for script: Script) -> [MockPlatform] {
    var choices: [[ScriptDriver]] = [[]]
    for node in script.nodes {
      choices = choices.flatMap { chosen in node.drivers.map { chosen + [$0] } }
    }
    return choices.map { MockPlatform(script, drivers: $0) }
  }

  /// Whether jobs of a node wait for the fences at a BO, and add their own.
  ///
  /// Stated apart from the explorer, whose rules the enumeration checks.
  func hasImplicitFences(_ node: Int) -> Bool {
    switch drivers[node] {
    case .drm(.panfrost): true
    case .drm(.panthor), .drm(.powervr), .drm(.vgem), .systemHeap, .udmabuf: false
    }
  }

  /// Returns the mock devices in the order of the DRM nodes, without spontaneous evictions and fills.
  func profiles() -> [MockProfile] {
    let profiles = drivers.indices.compactMap { node in
      drivers[node].drm.flatMap { MockProfile.Driver(rawValue: $0.name) }
        .map { profile($0, isCoherent: coherency[node]) }
    }
    return profiles.isEmpty ? [profile(.panthor, isCoherent: false)] : profiles
  }

  private func profile(_ driver: MockProfile.Driver, isCoherent: Bool) -> MockProfile {
    MockProfile(
      driver, isCoherent: isCoherent, hasHeap: drivers.contains(.systemHeap),
      caches: CachePolicy(evict: .never, fill: .never), policy: policy)
  }

  var description: String {
    zip(drivers, coherency).map { $0.name + ($1 ? ",coherent" : "") }.joined(separator: "+")
  }
}
