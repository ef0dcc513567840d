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
  /// The machine's other nodes whose drivers are known, to share BOs with.
  public let neighbours: [Neighbour]
  /// Who tells what cache maintenance the kernel did; nil where nobody can.
  public let maintenance: (any MaintenanceObserver)?
  /// Whether checks may submit jobs, which a device must be there for to run.
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
