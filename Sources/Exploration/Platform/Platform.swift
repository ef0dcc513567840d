// SPDX-License-Identifier: MIT

/// The machine that a script is explored for.
public struct Platform: Hashable, Sendable {
  /// One for each node of the script, in its order.
  public let nodes: [NodeModel]
  /// The size of a cache line in bytes.
  public let lineSize: UInt64

  /// Creates a platform.
  public init(nodes: [NodeModel], lineSize: UInt64 = 64) {
    self.nodes = nodes
    self.lineSize = lineSize
  }
}
