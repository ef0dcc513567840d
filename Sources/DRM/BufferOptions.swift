// SPDX-License-Identifier: MIT

/// What a BO may be asked for beside its mapping; drivers without an option refuse it before any call.
public struct BufferOptions: OptionSet, Hashable, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The GPU must not execute from it: `PANFROST_BO_NOEXEC`.
  public static let noExecute = BufferOptions(rawValue: 1 << 0)
  /// It grows on GPU faults, in steps of 2 MiB, and has no CPU mapping: `PANFROST_BO_HEAP`.
  ///
  /// Goes with ``noExecute`` only, and not with a WB mapping.
  public static let heap = BufferOptions(rawValue: 1 << 1)
  /// Only the GPU's firmware may touch it, and nobody share it: `DRM_PVR_BO_PM_FW_PROTECT`.
  public static let firmwareOnly = BufferOptions(rawValue: 1 << 2)
}
