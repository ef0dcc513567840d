// SPDX-License-Identifier: MIT

internal import MockDRM
internal import Litmus

/// Which driver each node of a script is played on.
struct MockPlatform: Hashable, Sendable, CustomStringConvertible {
  /// By the node's number; the kernel's names, `system_heap` and `udmabuf` among them.
  let drivers: [String]
  /// Whether each node's device snoops the CPU's caches; never that of an exporter without one.
  let coherency: [Bool]
  /// Which rules the drivers follow.
  let policy: DriverPolicy

  /// Chooses the drivers for a script; those of the series where it syncs in the form that was proposed.
  init(_ script: Script, drivers: [String], isCoherent: (Int) -> Bool = { _ in false }) {
    self.drivers = drivers
    coherency = drivers.indices.map { node in
      MockProfile.Driver(rawValue: drivers[node]) != nil && isCoherent(node)
    }
    policy = script.isProposed ? .seriesV4 : .merged
  }

  /// Every choice of drivers that a script allows.
  static func all(for script: Script) -> [MockPlatform] {
    script.nodes.reduce([[]]) { chosen, node in
      chosen.flatMap { begin in node.drivers.map { begin + [$0] } }
    }.map { MockPlatform(script, drivers: $0) }
  }

  /// Whether jobs of a node wait for, and are waited for by, the fences that they find at a BO.
  func hasImplicitFences(_ node: Int) -> Bool { drivers[node] == "panfrost" }

  /// The mock devices, in the order of those nodes that are devices; their caches do nothing by themselves.
  func profiles() -> [MockProfile] {
    let profiles = drivers.indices.compactMap { node in
      MockProfile.Driver(rawValue: drivers[node]).map { profile($0, isCoherent: coherency[node]) }
    }
    return profiles.isEmpty ? [profile(.panthor, isCoherent: false)] : profiles
  }

  private func profile(_ driver: MockProfile.Driver, isCoherent: Bool) -> MockProfile {
    MockProfile(
      driver, isCoherent: isCoherent, hasHeap: drivers.contains("system_heap"),
      caches: CachePolicy(evict: .never, fill: .never), policy: policy)
  }

  var description: String {
    zip(drivers, coherency).map { $0 + ($1 ? ",coherent" : "") }.joined(separator: "+")
  }
}
