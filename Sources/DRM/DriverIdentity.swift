// SPDX-License-Identifier: MIT

/// What a driver says of itself: `DRM_IOCTL_VERSION`.
public struct DriverIdentity: Hashable, Sendable {
  /// The driver's name, such as `panthor`.
  public let name: String
  /// The driver's one-line description.
  public let summary: String
  /// The version that features follow from.
  public let version: DriverVersion

  /// Creates an identity.
  public init(name: String, summary: String, version: DriverVersion) {
    self.name = name
    self.summary = summary
    self.version = version
  }
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
  public let major: Int
  public let minor: Int
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
