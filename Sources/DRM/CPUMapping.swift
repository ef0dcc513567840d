// SPDX-License-Identifier: MIT

/// How the CPU may map a BO.
///
/// There is no case for "unmappable and WB": drivers refuse the pair.
public enum CPUMapping: Hashable, Sendable {
  /// No CPU mapping; the fake offset is refused. panthor: `DRM_PANTHOR_BO_NO_MMAP`.
  case none
  /// Write-combining, or write-back where the device is coherent: the default of the drivers.
  case writeCombining
  /// Write-back cached, even if the device does not snoop. panthor: `DRM_PANTHOR_BO_WB_MMAP`.
  case writeBack
}
