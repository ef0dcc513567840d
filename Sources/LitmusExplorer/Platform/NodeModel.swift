// SPDX-License-Identifier: MIT

internal import Litmus

/// One node of a script, as far as its caches and its order of jobs go.
public struct NodeModel: Hashable, Sendable {
  /// The driver's name, or `system_heap` or `udmabuf`.
  public let driver: String
  /// Whether the device snoops CPU caches.
  public let isCoherent: Bool
  public let policy: SyncPolicy

  /// Creates a node.
  public init(driver: String, isCoherent: Bool = false, policy: SyncPolicy = .merged) {
    self.driver = driver
    self.isCoherent = isCoherent
    self.policy = policy
  }

  /// Whether the driver has a call of its own for syncs, and CPU access hooks behind its dma-bufs.
  var hasSync: Bool { driver == "panthor" || driver == "panfrost" }
  /// Whether a BO is mapped for the device from the start, not when it is first needed.
  var mapsAtCreation: Bool { driver == "panfrost" || driver == "powervr" }
  /// Whether a job waits for earlier ones on its BOs without being told: panthor's fences are only kept.
  var hasImplicitFences: Bool { driver == "panfrost" }
  /// Whether it is an exporter alone, whose memory has no handle.
  public var isExporterOnly: Bool { driver == "system_heap" || driver == "udmabuf" }

  /// Whether the CPU maps a new BO write-combining: `should_map_wc`.
  func mapsWriteCombining(isWriteBack: Bool) -> Bool {
    switch driver {
    case "system_heap", "udmabuf": false
    case "vgem": true
    default: !isCoherent && !isWriteBack
    }
  }

  /// Whether its BOs can be created with a flag.
  func has(_ flag: ScriptBuffer.Flag) -> Bool {
    switch (driver, flag) {
    case ("panthor", .writeBack), ("panthor", .unmappable), ("panthor", .exclusive): true
    case ("panfrost", .writeBack), ("panfrost", .noExecute): true
    default: false
    }
  }
}
