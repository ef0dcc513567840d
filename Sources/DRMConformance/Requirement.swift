// SPDX-License-Identifier: MIT

public import DRM

/// What a device must have for a check to say anything about it.
public enum Requirement: Hashable, Sendable {
  /// The driver has this name.
  case driver(String)
  /// The driver offers this at its version.
  case feature(Features)
  /// The driver does not offer this at its version.
  case lacks(Features)
  /// The device snoops CPU caches.
  case coherent
  /// The device does not snoop CPU caches.
  case nonCoherent
  /// The kernel lets a client name itself, which no version tells.
  case clientNames
  /// The node that is checked is a render node.
  case renderNode
  /// The device has a primary node.
  case primaryNode
  /// The machine has another device of a supported driver, to share BOs with.
  case otherDevice

  /// Answers why a device does not have it, nil where it has.
  func reasonToSkip(on probe: Probe) -> String? {
    switch self {
    case .driver(let name): probe.node.identity.name == name ? nil : "for the driver \(name)"
    case .feature(let feature):
      probe.node.features.isSuperset(of: feature)
        ? nil : "needs \(feature.text), not in \(probe.node.versionText)"
    case .lacks(let feature):
      probe.node.features.isDisjoint(with: feature)
        ? nil : "for drivers without \(feature.text), which \(probe.node.versionText) has"
    case .coherent: probe.node.coherency.isCoherent == true ? nil : "for coherent devices"
    case .nonCoherent: probe.node.coherency.isCoherent == false ? nil : "for non-coherent devices"
    case .clientNames: probe.hasClientNames ? nil : "this kernel has no SET_CLIENT_NAME"
    case .renderNode: probe.isPrimary ? "for render nodes" : nil
    case .primaryNode: probe.primaryPath == nil ? "needs the device's primary node" : nil
    case .otherDevice: probe.otherPath == nil ? "needs a second Mali node" : nil
    }
  }
}

extension Features {
  fileprivate var text: String { names.joined(separator: ", ") }
}

extension DRMNode {
  fileprivate var versionText: String {
    "\(identity.name) \(identity.version.major).\(identity.version.minor)"
  }
}
