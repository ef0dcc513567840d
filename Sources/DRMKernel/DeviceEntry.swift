// SPDX-License-Identifier: MIT

/// One DRM device as the system lists it, before anything is opened.
public struct DeviceEntry: Hashable, Sendable {
  /// The path of the primary node, `/dev/dri/cardN`.
  public let primaryNode: String?
  /// The path of the render node, `/dev/dri/renderDN`.
  public let renderNode: String?
  /// The device tree's `compatible` strings, most specific first; empty off the platform bus.
  public let compatible: [String]

  /// Creates an entry.
  public init(primaryNode: String?, renderNode: String?, compatible: [String]) {
    self.primaryNode = primaryNode
    self.renderNode = renderNode
    self.compatible = compatible
  }
}
