// SPDX-License-Identifier: MIT

public import DRMKernel

/// A device as checks reach it: a node's path, and the kernel that answers there.
public struct CheckedDevice: Sendable {
  /// How results name it, such as `/dev/dri/renderD128` or `mock:panthor`.
  public let label: String
  public let path: String
  /// The name of the driver that answers there.
  public let driver: String
  public let kernel: Kernel
  /// The page size BOs are rounded to, in bytes.
  public let pageSize: UInt64
  /// Another node of the same kernel with a driver that is known, to share BOs with; nil where none is.
  public let otherPath: String?

  /// Creates a device.
  public init(
    label: String, path: String, driver: String, kernel: Kernel, pageSize: UInt64,
    otherPath: String? = nil
  ) {
    self.label = label
    self.path = path
    self.driver = driver
    self.kernel = kernel
    self.pageSize = pageSize
    self.otherPath = otherPath
  }
}
