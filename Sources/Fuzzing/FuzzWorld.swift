// SPDX-License-Identifier: MIT

public import CallTrace

/// What a fuzzed machine has, as far as calls can be made up for it.
public struct FuzzWorld: Hashable, Sendable {
  /// The driver whose ioctls are called: panthor or panfrost.
  public let driver: IoctlDriver
  /// Its node, and the primary node of the same device.
  public let node: String
  public let primaryNode: String?
  /// Other Mali nodes to share BOs with.
  public let neighbours: [Neighbour]
  /// vgem's primary node.
  public let vgemNode: String?
  /// Whether `/dev/udmabuf` is there.
  public let hasUDMABuf: Bool
  /// In bytes.
  public let pageSize: UInt64
  /// Whether jobs end soon that are submitted.
  public let runsJobs: Bool

  /// Another node.
  public struct Neighbour: Hashable, Sendable {
    public let path: String
    public let driver: IoctlDriver

    /// Creates a neighbour.
    public init(path: String, driver: IoctlDriver) {
      self.path = path
      self.driver = driver
    }
  }

  /// Creates a world.
  public init(
    driver: IoctlDriver, node: String, primaryNode: String?, neighbours: [Neighbour],
    vgemNode: String?, hasUDMABuf: Bool, pageSize: UInt64, runsJobs: Bool = false
  ) {
    self.driver = driver
    self.node = node
    self.primaryNode = primaryNode
    self.neighbours = neighbours
    self.vgemNode = vgemNode
    self.hasUDMABuf = hasUDMABuf
    self.pageSize = pageSize
    self.runsJobs = runsJobs
  }
}
