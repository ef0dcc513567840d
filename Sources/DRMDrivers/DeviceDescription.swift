// SPDX-License-Identifier: MIT

/// What is known of one device: its nodes, its driver, and the machine that it is in.
///
/// Checks, scripts, traces and reports all use this value. What a source does not say keeps its default.
public struct DeviceDescription: Hashable, Sendable {
  /// Where a device is.
  ///
  /// Results of one location are never shown as results of another.
  public enum Location: String, Hashable, Sendable, Codable {
    case board
    case vm
    case mock

    /// Whether the machine has CPU caches that can lose dirty lines: QEMU has none.
    public var losesDirtyLines: Bool { self != .vm }
  }

  /// The name in results, such as `/dev/dri/renderD128` or `mock:panthor`.
  public var label: String
  /// The node that is opened to use the device.
  public var path: String
  public var renderNode: String?
  public var primaryNode: String?
  /// The driver's name in `DRM_IOCTL_VERSION`.
  public var driver: String
  /// The driver's one-line description in `DRM_IOCTL_VERSION`.
  public var summary: String
  /// The driver's version, such as `1.9.0`.
  public var version: String
  /// Nil where the driver does not report it.
  public var isCoherent: Bool?
  /// The field that `isCoherent` is read from, or the reason why it is unknown.
  public var coherencyOrigin: String
  public var features: Features
  /// The kernel's release; for a mock, `mock` and the release that it models.
  public var kernel: String
  /// In bytes.
  public var pageSize: Int
  /// The size in bytes of aligned blocks that never share a cache line: proofs use it as the line.
  public var lineSize: Int
  /// The size in bytes by which cache maintenance steps; at most `lineSize`.
  public var maintenanceStep: Int
  /// The policy that the driver follows: `merged` for every real one.
  public var policy: String
  public var location: Location
  /// The device tree's `compatible` strings, most specific first.
  public var compatible: [String]
  /// What a user must know about results for this driver; nil where there is nothing.
  public var caveat: String?

  /// Describes a device.
  ///
  /// - Parameters:
  ///   - path: the node to use; without one, the render node or else the primary node.
  ///   - label: the name in results; without one, the path.
  public init(
    label: String? = nil, path: String? = nil, renderNode: String? = nil,
    primaryNode: String? = nil, driver: String, summary: String = "", version: String = "",
    isCoherent: Bool? = nil, coherencyOrigin: String = "", features: Features = [],
    kernel: String = "", pageSize: Int = 4096, lineSize: Int = 64,
    maintenanceStep: Int? = nil, policy: String = "merged",
    location: Location = .board, compatible: [String] = [], caveat: String? = nil
  ) {
    let path = path ?? renderNode ?? primaryNode ?? ""
    self.label = label ?? path
    self.path = path
    self.renderNode = renderNode
    self.primaryNode = primaryNode
    self.driver = driver
    self.summary = summary
    self.version = version
    self.isCoherent = isCoherent
    self.coherencyOrigin = coherencyOrigin
    self.features = features
    self.kernel = kernel
    self.pageSize = pageSize
    self.lineSize = lineSize
    self.maintenanceStep = maintenanceStep ?? lineSize
    self.policy = policy
    self.location = location
    self.compatible = compatible
    self.caveat = caveat
  }
}

extension DeviceDescription {
  /// The driver's entry in the catalog; nil for a driver without one.
  public var knownDriver: DRMDriver? { DRMDriver(rawValue: driver) }

  /// The minor number of the version; nil where the version has none.
  public var minor: Int? {
    let numbers = version.split(separator: ".").compactMap { Int($0) }
    return numbers.count > 1 ? numbers[1] : nil
  }

  /// `coherent`, `non-coherent` or `coherency unknown`.
  public var coherency: String { Self.text(isCoherent: isCoherent) }

  /// Returns the words for a coherency.
  public static func text(isCoherent: Bool?) -> String {
    switch isCoherent {
    case true?: "coherent"
    case false?: "non-coherent"
    case nil: "coherency unknown"
    }
  }
}
