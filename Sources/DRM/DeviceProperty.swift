// SPDX-License-Identifier: MIT

internal import CDRM

/// One field of the driver's device query, under the kernel's name of the field.
public struct DeviceProperty: Hashable, Sendable {
  /// The field's name, such as `gpu_id`.
  public let name: String
  /// The value that the driver returned.
  public let value: UInt64

  init(_ name: String, _ value: some BinaryInteger) {
    self.name = name
    self.value = UInt64(value)
  }
}

/// A capability of the DRM core that a render client can query: `DRM_IOCTL_GET_CAP`.
public enum Capability: String, CaseIterable, Hashable, Sendable {
  /// A mask: 1 for import, 2 for export. `DRM_CAP_PRIME`.
  case prime
  /// 1 for syncobjs: `DRM_CAP_SYNCOBJ`.
  case syncobj
  /// 1 for timeline syncobjs: `DRM_CAP_SYNCOBJ_TIMELINE`.
  case syncobjTimeline = "syncobj_timeline"

  var number: UInt64 {
    switch self {
    case .prime: UInt64(CDRM_CAP_PRIME)
    case .syncobj: UInt64(CDRM_CAP_SYNCOBJ)
    case .syncobjTimeline: UInt64(CDRM_CAP_SYNCOBJ_TIMELINE)
    }
  }
}

/// Whether the device snoops CPU caches, and where that is known from.
public enum Coherency: Hashable, Sendable {
  /// The driver reports it: the protocol that it selected, not what the hardware supports.
  case reported(isCoherent: Bool)
  /// The driver reports a protocol that this client does not know.
  case unknownProtocol(UInt32)
  /// The field exists since that version; before, it is a zero pad, which would read as coherent.
  case notReported(before: DriverVersion)
  /// The driver has no such field at any version.
  case neverReported

  /// True or false where the driver reports it, otherwise nil.
  public var isCoherent: Bool? {
    if case .reported(let isCoherent) = self { isCoherent } else { nil }
  }

  /// Decodes `selected_coherency`; panthor and panfrost use the same numbers.
  init(selected: UInt64) {
    switch Int(truncatingIfNeeded: selected) {
    case CDRM_PANTHOR_COHERENCY_NONE: self = .reported(isCoherent: false)
    case CDRM_PANTHOR_COHERENCY_ACE_LITE, CDRM_PANTHOR_COHERENCY_ACE:
      self = .reported(isCoherent: true)
    default: self = .unknownProtocol(UInt32(truncatingIfNeeded: selected))
    }
  }
}

extension Coherency: CustomStringConvertible {
  /// `non-coherent`, `coherent` or `coherency unknown`.
  public var description: String {
    switch self {
    case .reported(true): "coherent"
    case .reported(false): "non-coherent"
    case .unknownProtocol, .notReported, .neverReported: "coherency unknown"
    }
  }

  /// The field that it is known from, or why it is not known.
  public var origin: String {
    switch self {
    case .reported: "selected_coherency"
    case .unknownProtocol(let number): "selected_coherency has the unknown value \(number)"
    case .neverReported: "not reported by this driver"
    case .notReported(let version): "not reported before \(version.major).\(version.minor)"
    }
  }
}
