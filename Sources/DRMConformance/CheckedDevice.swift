// SPDX-License-Identifier: MIT

public import DRMKernel

/// A device under test: the path of its node, and the kernel that serves it.
public struct CheckedDevice: Sendable {
  /// Its name in results, such as `/dev/dri/renderD128` or `mock:panthor`.
  public let label: String
  public let path: String
  /// The name of the node's driver.
  public let driver: String
  public let kernel: Kernel
  /// The page size to which BO sizes are rounded, in bytes.
  public let pageSize: UInt64
  /// The machine's other nodes with a known driver, to share BOs with.
  public let neighbours: [Neighbour]
  /// Reports the cache maintenance of the kernel; nil where that cannot be observed.
  public let maintenance: (any MaintenanceObserver)?
  /// Whether checks may submit jobs, which needs a device that runs them.
  public let allowsJobs: Bool

  /// Another node of the same machine.
  public struct Neighbour: Hashable, Sendable {
    public let path: String
    public let driver: String

    /// Creates a neighbour.
    public init(path: String, driver: String) {
      self.path = path
      self.driver = driver
    }
  }

  /// Creates a device.
  public init(
    label: String, path: String, driver: String, kernel: Kernel, pageSize: UInt64,
    neighbours: [Neighbour] = [], maintenance: (any MaintenanceObserver)? = nil,
    allowsJobs: Bool = true
  ) {
    self.label = label
    self.path = path
    self.driver = driver
    self.kernel = kernel
    self.pageSize = pageSize
    self.neighbours = neighbours
    self.maintenance = maintenance
    self.allowsJobs = allowsJobs
  }
}
