// SPDX-License-Identifier: MIT

/// Whether the device snoops CPU caches, and where that is known from.
public enum Coherency: Hashable, Sendable {
  /// The driver says so; it is what the driver selected, not what the hardware could do.
  case reported(isCoherent: Bool)
  /// The driver names a protocol that this client does not know.
  case unknownProtocol(UInt32)
  /// The field exists since that version; before, it is a zero pad that would read as coherent.
  case notReported(before: DriverVersion)
  /// The driver has no field for it at any version.
  case neverReported

  /// True or false where the driver says it, otherwise nil.
  public var isCoherent: Bool? {
    if case .reported(let isCoherent) = self { isCoherent } else { nil }
  }
}

extension Coherency: CustomStringConvertible {
  /// `non-coherent`, `coherent`, or why it is not known.
  public var description: String {
    switch self {
    case .reported(true): "coherent"
    case .reported(false): "non-coherent"
    case .unknownProtocol, .notReported, .neverReported: "coherency unknown"
    }
  }

  /// Where the answer comes from.
  public var origin: String {
    switch self {
    case .reported: "selected_coherency"
    case .unknownProtocol(let number): "selected_coherency has the unknown value \(number)"
    case .neverReported: "not reported by this driver"
    case .notReported(let version): "not reported before \(version.major).\(version.minor)"
    }
  }
}
