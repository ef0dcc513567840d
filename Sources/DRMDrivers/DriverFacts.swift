// SPDX-License-Identifier: MIT

/// The facts about one driver, with no logic: versions, nodes, names.
///
/// What a driver *does* is not here. The mock and the explorer each state it on their own, so that a test
/// can find a difference between them.
public struct DriverFacts: Sendable {
  /// A kind of GPU.
  public enum GPU: Hashable, Sendable {
    /// Arm Mali.
    case mali
    /// Imagination PowerVR.
    case powerVR
  }

  /// A kind of DRM node.
  public enum NodeKind: Hashable, Sendable {
    /// `/dev/dri/renderD*`.
    case render
    /// `/dev/dri/card*`.
    case primary
  }

  /// A minor version of the uAPI and what came with it; the major is 1 for every driver here.
  public struct Release: Hashable, Sendable {
    /// The minor version.
    public let minor: Int
    /// The features that this version added.
    public let features: Features
    /// The first kernel with this minor as far as that is known, such as `7.0`.
    public let linux: String?

    init(_ minor: Int, _ features: Features = [], linux: String? = nil) {
      self.minor = minor
      self.features = features
      self.linux = linux
    }
  }

  /// The source of a device's coherency: whether it snoops CPU caches.
  public enum CoherencySource: Hashable, Sendable {
    /// A field of the driver's device query, from the release with ``Features/reportsCoherency`` on.
    case deviceQuery(field: String)
    /// The driver never reports it.
    case none
  }

  /// A flag of BO creation that a script may use.
  public enum CreationFlag: String, CaseIterable, Hashable, Sendable {
    /// `DRM_PANTHOR_BO_WB_MMAP`, `PANFROST_BO_WB_MMAP`.
    case writeBack = "wb_mmap"
    /// `DRM_PANTHOR_BO_NO_MMAP`.
    case unmappable = "no_mmap"
    /// `PANFROST_BO_NOEXEC`.
    case noExecute = "noexec"
    /// A BO of one VM: `exclusive_vm_id` of `drm_panthor_bo_create`.
    case exclusive
  }

  /// The folder of the driver in the kernel's source.
  public let source: String
  /// What it drives; nil for a driver without a GPU.
  public let gpu: GPU?
  /// The node on which BOs are created.
  public let bufferNode: NodeKind
  /// The versions of the uAPI that added a feature or that a modelled kernel reports, in ascending order.
  public let history: [Release]
  /// The minor that a Linux release reports, by release such as `7.3`.
  public let minorInLinux: [String: Int]
  /// The source of the device's coherency.
  public let coherency: CoherencySource
  /// The ioctl that syncs a range of a BO, by its name without `DRM_IOCTL_`; nil where there is none.
  public let syncCall: String?
  /// The creation flags that scripts may use.
  public let creationFlags: Set<CreationFlag>
  /// The `compatible` strings of its devices in device trees, the most specific first in each list.
  public let compatibles: [[String]]
  /// The kernel modules with this driver.
  public let modules: [String]
  /// What a user must know about results for this driver; nil where it was compared with the real one.
  public let caveat: String?

  /// The newest minor that is known.
  public var newestMinor: Int { history.last?.minor ?? 0 }

  /// Returns the features of a minor version.
  public func features(ofMinor minor: Int) -> Features {
    history.filter { $0.minor <= minor }.reduce(into: []) { $0.formUnion($1.features) }
  }

  /// Returns the minor version that added a feature; nil where no version has it.
  public func minor(adding feature: Features) -> Int? {
    history.first { $0.features.isSuperset(of: feature) }?.minor
  }
}
