// SPDX-License-Identifier: MIT

/// A node that a script opens.
public struct ScriptNode: Hashable, Sendable {
  public let name: String
  /// Which drivers will do, by the kernel's names; `system_heap` and `udmabuf` are exporters without GPU.
  public let drivers: [String]

  /// Creates a node.
  public init(name: String, drivers: [String]) {
    self.name = name
    self.drivers = drivers
  }

  /// The names a script may give for drivers.
  public static let knownDrivers = [
    "panthor", "panfrost", "powervr", "vgem", "system_heap", "udmabuf",
  ]

  /// Whether it runs jobs.
  public var hasGPU: Bool {
    drivers.allSatisfy { ["panthor", "panfrost", "powervr"].contains($0) }
  }
  /// Whether its BOs are named by GEM handles; those of the others are dma-bufs from the start.
  public var hasHandles: Bool {
    !drivers.contains { ["system_heap", "udmabuf"].contains($0) }
  }
  /// Whether its BOs have creation flags.
  public var hasFlags: Bool { drivers.allSatisfy { ["panthor", "panfrost"].contains($0) } }
}
