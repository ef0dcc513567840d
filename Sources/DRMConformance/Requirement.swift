// SPDX-License-Identifier: MIT

public import DRMDrivers
internal import DRM

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
  /// The driver has syncobjs.
  case syncobj
  /// The driver has no syncobjs.
  case noSyncobj
  /// The node that is checked is a render node.
  case renderNode
  /// The device has a primary node.
  case primaryNode
  /// The machine has another Mali, to share BOs with.
  case otherDevice
  /// The machine has a node of this driver beside the one that is checked.
  case neighbour(String)
  /// The kernel has the system heap, `/dev/dma_heap/system`.
  case systemHeap
  /// The kernel has `/dev/udmabuf`, and lets this process use it.
  case udmabuf
  /// Somebody can tell what cache maintenance the kernel did.
  case maintenance
  /// The driver's syncobjs have timelines.
  case timeline
  /// The driver's syncobjs, if it has any, have none.
  case noTimeline
  /// The driver reports this minor version, or a later one.
  case since(minor: Int)
  /// The driver reports an earlier minor version.
  case before(minor: Int)
  /// Jobs may be submitted to the device, and it runs them.
  case jobs

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
    case .syncobj:
      (try? probe.node.value(of: .syncobj)) == 1 ? nil : "this driver has no syncobjs"
    case .noSyncobj:
      (try? probe.node.value(of: .syncobj)) == 1 ? "for drivers without syncobjs" : nil
    case .renderNode: probe.isPrimary ? "for render nodes" : nil
    case .primaryNode: probe.primaryPath == nil ? "needs the device's primary node" : nil
    case .otherDevice: probe.neighbour() == nil ? "needs a second Mali node" : nil
    case .neighbour(let driver): probe.neighbour(driver) == nil ? "needs a node of \(driver)" : nil
    case .systemHeap: probe.has(DMAHeap.systemPath) ? nil : "needs \(DMAHeap.systemPath)"
    case .udmabuf: probe.has(UDMABufDevice.path) ? nil : "needs \(UDMABufDevice.path)"
    case .maintenance:
      probe.maintenance == nil
        ? "needs a kernel with dma trace events, and the right to read them" : nil
    case .timeline:
      (try? probe.node.value(of: .syncobjTimeline)) == 1
        ? nil : "this driver's syncobjs have no timelines"
    case .noTimeline:
      (try? probe.node.value(of: .syncobjTimeline)) == 1
        ? "for drivers without timelines" : nil
    case .since(let minor):
      probe.node.identity.version.minor >= minor
        ? nil : "needs 1.\(minor), not \(probe.node.versionText)"
    case .before(let minor):
      probe.node.identity.version.minor < minor
        ? nil : "for drivers before 1.\(minor), not \(probe.node.versionText)"
    case .jobs:
      probe.allowsJobs ? nil : "submits jobs; where a GPU runs them, allow it with --allow-jobs"
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
