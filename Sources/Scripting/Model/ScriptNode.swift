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
}
