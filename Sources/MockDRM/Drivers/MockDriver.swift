// SPDX-License-Identifier: MIT

internal import DRMKernel

/// How one driver answers, at one version.
protocol MockDriver: AnyObject {
  /// What `DRM_IOCTL_VERSION` gives as name and description.
  var name: String { get }
  var summary: String { get }
  var hasSyncobj: Bool { get }
  var hasSyncobjTimeline: Bool { get }
  /// The driver's own ioctls at its version.
  var table: MockIoctlTable { get }

  /// Throws what the driver answers where a BO must not be exported.
  func allowExport(of buffer: MockBuffer) throws(Errno)
}

extension MockDriver {
  /// Answers the entry for an ioctl number, the driver's or the core's.
  func entry(_ number: Int) -> MockIoctl? {
    0x40..<0xa0 ~= number ? table[number] : CoreIoctls.table[number]
  }
}
