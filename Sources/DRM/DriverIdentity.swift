// SPDX-License-Identifier: MIT

public import DRMDrivers

/// A driver's name, description and version: `DRM_IOCTL_VERSION`.
public struct DriverIdentity: Hashable, Sendable {
  /// The driver's name, such as `panthor`.
  public let name: String
  /// The driver's one-line description.
  public let summary: String
  /// The uAPI version, which the features follow from.
  public let version: DriverVersion

  /// Creates an identity.
  public init(name: String, summary: String, version: DriverVersion) {
    self.name = name
    self.summary = summary
    self.version = version
  }

  /// The supported driver with this name and version; nil where there is none.
  ///
  /// Tyr, the driver in Rust, reports panthor 1.5 and has one of its ioctls; only the description differs.
  public var driver: DRMDriver? {
    guard version.major == 1, let driver = DRMDriver(rawValue: name) else { return nil }
    return driver == .panthor && summary.contains("Tyr") ? nil : driver
  }

  /// Whether it is a supported driver, with another uAPI than the one that is known.
  var isOtherMajor: Bool { DRMDriver(rawValue: name) != nil && version.major != 1 }
}

extension DriverIdentity: CustomStringConvertible {
  /// `panthor 1.9.0 (Panthor DRM driver)`.
  public var description: String {
    let shown = name.isEmpty ? "without a name" : name
    return "\(shown) \(version)\(summary.isEmpty ? "" : " (\(summary))")"
  }
}

/// A driver's uAPI version; a higher minor only adds.
public struct DriverVersion: Hashable, Sendable {
  /// 1 for every supported driver.
  public let major: Int
  /// Features follow from it.
  public let minor: Int
  /// 0 for every supported driver.
  public let patch: Int

  /// Creates a version.
  public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }
}

extension DriverVersion: Comparable, CustomStringConvertible {
  public static func < (left: Self, right: Self) -> Bool {
    (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
  }

  /// `1.9.0`.
  public var description: String { "\(major).\(minor).\(patch)" }
}
