// SPDX-License-Identifier: MIT

public import DRMDrivers
public import DRMKernel

/// The nodes and properties of a fuzzed machine that calls are generated for.
public struct FuzzWorld: Hashable, Sendable {
  /// The driver of the fuzzed device.
  public let driver: DRMDriver
  /// The fuzzed node, and the primary node of the same device.
  public let node: String
  public let primaryNode: String?
  /// Nodes of other GPUs to share BOs with.
  public let neighbours: [Node]
  /// vgem's primary node.
  public let vgemNode: String?
  /// Whether the machine has `/dev/udmabuf`.
  public let hasUDMABuf: Bool
  /// In bytes.
  public let pageSize: UInt64
  /// Whether submitted jobs end soon.
  public let runsJobs: Bool

  /// A node with its driver.
  public struct Node: Hashable, Sendable {
    public let path: String
    public let driver: DRMDriver

    /// Creates a node.
    public init(path: String, driver: DRMDriver) {
      self.path = path
      self.driver = driver
    }
  }

  /// Creates a description of a machine.
  public init(
    driver: DRMDriver, node: String, primaryNode: String?, neighbours: [Node],
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

  /// Creates a description of a kernel's machine; nil for a driver that cannot be fuzzed.
  ///
  /// - Parameters:
  ///   - node: the node to fuzz.
  ///   - others: the machine's other nodes.
  public init?(
    _ kernel: Kernel, node: Node, others: [Node], pageSize: Int, runsJobs: Bool
  ) {
    guard FuzzGrammar.productions(of: node.driver) != nil else { return nil }
    let entry = kernel.devices()
      .first { $0.has(node.path) }
    let readWrite: CInt = 2
    let udmabuf = kernel.open("/dev/udmabuf", flags: readWrite)
    if udmabuf >= 0 { _ = kernel.close(udmabuf) }
    self.init(
      driver: node.driver, node: node.path, primaryNode: entry?.primaryNode,
      neighbours: others.filter(\.driver.drivesGPU),
      vgemNode: others.first { $0.driver == .vgem }?.path, hasUDMABuf: udmabuf >= 0,
      pageSize: UInt64(pageSize), runsJobs: runsJobs)
  }
}
