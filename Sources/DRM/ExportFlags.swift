// SPDX-License-Identifier: MIT

/// The flags dma-bufs are exported with.
enum ExportFlags {
  /// `DRM_CLOEXEC | DRM_RDWR`.
  static let standard: UInt32 = 0x80000 | 0x2
}
