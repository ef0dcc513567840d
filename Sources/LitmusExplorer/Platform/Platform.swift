// SPDX-License-Identifier: MIT

public import DRMDrivers
public import Litmus

/// The machine that a script is explored for.
public struct Platform: Hashable, Sendable {
  /// One for each node of the script, in its order.
  public let nodes: [NodeModel]
  /// The size of a cache line in bytes.
  public let lineSize: UInt64
  /// The size of a page in bytes, to which BO sizes are rounded up.
  public let pageSize: UInt64

  /// Creates a platform.
  public init(nodes: [NodeModel], lineSize: UInt64 = 64, pageSize: UInt64 = 4096) {
    self.nodes = nodes
    self.lineSize = lineSize
    self.pageSize = pageSize
  }
}

extension Platform {
  /// Returns the platform on which the drivers believe what the nodes of a script claim.
  func claiming(by script: Script) -> Platform {
    guard script.nodes.contains(where: { $0.claim != nil }) else { return self }
    let nodes = zip(script.nodes, nodes).map { described, node in
      NodeModel(
        driver: node.driver, isCoherent: node.isCoherent,
        claimsCoherency: described.claim.map { $0 == .coherent } ?? node.claimsCoherency,
        policy: node.policy, hasSyncCall: node.hasSyncCall)
    }
    return Platform(nodes: nodes, lineSize: lineSize, pageSize: pageSize)
  }
}

/// A node of a platform: its driver, and the properties that the driver's rules depend on.
public struct NodeModel: Hashable, Sendable {
  public let driver: ScriptDriver
  /// Whether the device snoops CPU caches.
  public let isCoherent: Bool
  /// Whether the driver believes that the device snoops: it chooses mappings and cache maintenance by that.
  public let claimsCoherency: Bool
  public let policy: SyncPolicy
  /// Whether this version of the driver has a sync ioctl: BO_SYNC, SYNC_BO.
  public let hasSyncCall: Bool

  /// Creates a node, with the newest version of its driver unless `hasSyncCall` is false.
  ///
  /// Without a claim, its driver knows whether the device snoops.
  public init(
    driver: ScriptDriver, isCoherent: Bool = false, claimsCoherency: Bool? = nil,
    policy: SyncPolicy = .merged, hasSyncCall: Bool = true
  ) {
    self.driver = driver
    self.isCoherent = isCoherent
    self.claimsCoherency = claimsCoherency ?? isCoherent
    self.policy = policy
    self.hasSyncCall = hasSyncCall && driver.drm?.facts.syncCall != nil
  }

  /// What an error adds for a driver whose newer versions have a sync ioctl.
  var lacksItByVersion: String {
    hasSyncCall || driver.drm?.facts.syncCall == nil ? "" : " in this version"
  }

  /// Creates a node of a DRM driver.
  public init(driver: DRMDriver, isCoherent: Bool = false, policy: SyncPolicy = .merged) {
    self.init(driver: .drm(driver), isCoherent: isCoherent, policy: policy)
  }
}

/// The sync rules that a driver follows: the merged ones, or proposals of the 2025 series.
public enum SyncPolicy: String, CaseIterable, Hashable, Sendable {
  /// As merged for Linux 7.0.
  case merged
  /// The hook and the flags of version 4 of the series.
  case seriesV4 = "series-v4"
  /// The rules agreed in the thread: a BO with a WB mapping is never shared.
  case privateWB = "private-wb"
}
