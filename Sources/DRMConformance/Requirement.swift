// SPDX-License-Identifier: MIT

internal import DRM
public import DRMDrivers

/// What a device or its kernel must have for a check to apply.
public enum Requirement: Hashable, Sendable {
  /// The node's driver is this one.
  case driver(DRMDriver)
  /// The driver has this feature at its version.
  case feature(Features)
  /// The driver does not have this feature at its version.
  case lacks(Features)
  /// The device snoops CPU caches.
  case coherent
  /// The device does not snoop CPU caches.
  case nonCoherent
  /// The kernel has SET_CLIENT_NAME, which no driver version implies.
  case clientNames
  /// The driver has syncobjs.
  case syncobj
  /// The driver has no syncobjs.
  case noSyncobj
  /// The node under test is a render node.
  case renderNode
  /// The device has a primary node.
  case primaryNode
  /// The machine has another Mali node, to share BOs with.
  case otherDevice
  /// The machine has another node, of this driver.
  case neighbour(DRMDriver)
  /// The kernel has the system heap, `/dev/dma_heap/system`, and this process can open it.
  case systemHeap
  /// The kernel has `/dev/udmabuf`, and this process can open it.
  case udmabuf
  /// The kernel's cache maintenance can be observed.
  case maintenance
  /// The driver has timeline syncobjs.
  case timeline
  /// The driver has no timeline syncobjs.
  case noTimeline
  /// The driver reports this minor version or a later one.
  case since(minor: Int)
  /// The driver reports an earlier minor version.
  case before(minor: Int)
  /// Jobs may be submitted to the device, and it runs them.
  case jobs

  /// Returns why the device does not meet the requirement; nil where it does.
  func reasonToSkip(on probe: Probe) -> String? {
    switch self {
    case .driver(let driver):
      probe.driver == driver ? nil : "for the driver \(driver.name)"
    case .feature(let feature):
      probe.node.features.isSuperset(of: feature)
        ? nil : "needs \(feature.text), not in \(probe.node.versionText)"
    case .lacks(let feature):
      probe.node.features.isDisjoint(with: feature)
        ? nil : "for drivers without \(feature.text), which \(probe.node.versionText) has"
    case .coherent: probe.node.coherency.isCoherent == true ? nil : "for coherent devices"
    case .nonCoherent: probe.node.coherency.isCoherent == false ? nil : "for non-coherent devices"
    case .clientNames: probe.hasClientNames ? nil : "this kernel has no SET_CLIENT_NAME"
    case .syncobj: probe.has(.syncobj) ? nil : "this driver has no syncobjs"
    case .noSyncobj: probe.has(.syncobj) ? "for drivers without syncobjs" : nil
    case .renderNode: probe.isPrimary ? "for render nodes" : nil
    case .primaryNode: probe.primaryPath == nil ? "needs the device's primary node" : nil
    case .otherDevice: probe.neighbour() == nil ? "needs a second Mali node" : nil
    case .neighbour(let driver):
      probe.neighbour(driver) == nil ? "needs a node of \(driver.name)" : nil
    case .systemHeap: probe.reasonNotToOpen(DMAHeap.systemPath)
    case .udmabuf: probe.reasonNotToOpen(UDMABufDevice.path)
    case .maintenance:
      probe.maintenance == nil
        ? "needs a kernel that reports its cache maintenance" : nil
    case .timeline:
      probe.has(.syncobjTimeline) ? nil : "this driver has no timeline syncobjs"
    case .noTimeline:
      probe.has(.syncobjTimeline) ? "for drivers without timeline syncobjs" : nil
    case .since(let minor):
      probe.node.identity.version.minor >= minor
        ? nil : "needs 1.\(minor), not \(probe.node.versionText)"
    case .before(let minor):
      probe.node.identity.version.minor < minor
        ? nil : "for drivers before 1.\(minor), not \(probe.node.versionText)"
    case .jobs:
      probe.allowsJobs ? nil : "submits jobs (where a GPU runs them, allow it with --allow-jobs)"
    }
  }
}

extension Probe {
  fileprivate func has(_ capability: Capability) -> Bool {
    (try? node.value(of: capability)) == 1
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
