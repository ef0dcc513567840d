// SPDX-License-Identifier: MIT

/// The machine that a script is explored for.
public struct Platform: Hashable, Sendable {
  /// One for each node of the script, in its order.
  public let nodes: [NodeModel]
  /// The size of a cache line in bytes.
  public let lineSize: UInt64
  /// The size of a page in bytes, to which BOs are rounded up.
  public let pageSize: UInt64

  /// Creates a platform.
  public init(nodes: [NodeModel], lineSize: UInt64 = 64, pageSize: UInt64 = 4096) {
    self.nodes = nodes
    self.lineSize = lineSize
    self.pageSize = pageSize
  }
}
