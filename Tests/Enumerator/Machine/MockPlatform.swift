// SPDX-License-Identifier: MIT

internal import MockDRM
internal import Scripting

/// Which driver each node of a script is played on.
struct MockPlatform: Hashable, Sendable, CustomStringConvertible {
  /// By the node's number; the kernel's names, `system_heap` and `udmabuf` among them.
  let drivers: [String]
  /// Whether the GPUs snoop the CPU's caches.
  let isCoherent: Bool
  /// Which rules the drivers follow.
  let policy: DriverPolicy

  /// Chooses the drivers for a script; those of the series where it syncs in the form that was proposed.
  init(_ script: Script, drivers: [String], isCoherent: Bool = false) {
    self.drivers = drivers
    self.isCoherent = isCoherent
    policy = script.isProposed ? .seriesV4 : .merged
  }

  /// Every choice of drivers that a script allows.
  static func all(for script: Script) -> [MockPlatform] {
    script.nodes.reduce([[]]) { chosen, node in
      chosen.flatMap { begin in node.drivers.map { begin + [$0] } }
    }.map { MockPlatform(script, drivers: $0) }
  }

  /// Whether a node is a GPU's, and not an exporter's alone.
  func isMali(_ node: Int) -> Bool {
    drivers[node] == "panthor" || drivers[node] == "panfrost"
  }

  /// Whether jobs of a node wait for, and are waited for by, the fences that they find at a BO.
  func hasImplicitFences(_ node: Int) -> Bool { drivers[node] == "panfrost" }

  /// The mock devices, in the order of those nodes that are devices; their caches do nothing by themselves.
  func profiles() -> [MockProfile] {
    let known = drivers.compactMap { MockProfile.Driver(rawValue: $0) }
    return (known.isEmpty ? [.panthor] : known).map { driver in
      MockProfile(
        driver, isCoherent: isCoherent, hasHeap: drivers.contains("system_heap"),
        caches: CachePolicy(evict: .never, fill: .never), policy: policy)
    }
  }

  var description: String { drivers.joined(separator: "+") + (isCoherent ? ",coherent" : "") }
}
