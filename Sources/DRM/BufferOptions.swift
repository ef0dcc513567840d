// SPDX-License-Identifier: MIT

/// How the CPU may map a BO.
///
/// There is no case for a BO that is both unmappable and write-back: drivers refuse the two flags together.
public enum CPUMapping: Hashable, Sendable {
  /// No CPU mapping: the driver refuses the fake offset. panthor: `DRM_PANTHOR_BO_NO_MMAP`.
  case none
  /// Write-combining, or write-back on a coherent device: the default of the drivers.
  case writeCombining
  /// Write-back cached, also on a device that does not snoop. panthor: `DRM_PANTHOR_BO_WB_MMAP`.
  case writeBack
}

/// Options of BO creation; a driver without an option refuses it before any call.
public struct BufferOptions: OptionSet, Hashable, Sendable {
  /// The options as bits of this client, not of a driver.
  public let rawValue: UInt32

  /// Creates a set from its bits.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The GPU cannot execute from it: `PANFROST_BO_NOEXEC`.
  public static let noExecute = BufferOptions(rawValue: 1 << 0)
  /// It grows on GPU faults, in steps of 2 MiB, and has no CPU mapping: `PANFROST_BO_HEAP`.
  ///
  /// Requires ``noExecute``, and excludes a WB mapping.
  public static let heap = BufferOptions(rawValue: 1 << 1)
  /// Only the GPU's firmware can access it, and it cannot be shared: `DRM_PVR_BO_PM_FW_PROTECT`.
  public static let firmwareOnly = BufferOptions(rawValue: 1 << 2)
}

/// What the driver reports about a BO; it does not change during the BO's life.
public struct BufferInfo: Hashable, Sendable {
  /// The mapping it was created for; `.writeCombining` for an imported BO, about which nothing is known.
  public let mapping: CPUMapping
  /// Whether the memory belongs to another exporter; syncs then go through its dma-buf.
  public let isImported: Bool
}
