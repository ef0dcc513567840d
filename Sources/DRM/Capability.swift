// SPDX-License-Identifier: MIT

internal import CDRM

/// A capability of the DRM core that a render client may ask for.
public enum Capability: String, CaseIterable, Hashable, Sendable {
  /// 1 for import, 2 for export: `DRM_CAP_PRIME`.
  case prime
  /// `DRM_CAP_SYNCOBJ`.
  case syncobj
  /// `DRM_CAP_SYNCOBJ_TIMELINE`.
  case syncobjTimeline = "syncobj_timeline"

  var number: UInt64 {
    switch self {
    case .prime: UInt64(CDRM_CAP_PRIME)
    case .syncobj: UInt64(CDRM_CAP_SYNCOBJ)
    case .syncobjTimeline: UInt64(CDRM_CAP_SYNCOBJ_TIMELINE)
    }
  }
}
