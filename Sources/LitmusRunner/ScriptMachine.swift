// SPDX-License-Identifier: MIT

public import DRM
public import DRMKernel

/// The device on which scripts run, and the other nodes of its kernel.
public struct ScriptMachine: Sendable {
  /// A node that can be opened.
  public struct Node: Hashable, Sendable {
    public let path: String
    /// The driver's name in `DRM_IOCTL_VERSION`; it may be one that no script names.
    public let driver: String

    /// Creates a node.
    public init(path: String, driver: String) {
      self.path = path
      self.driver = driver
    }
  }

  public let kernel: Kernel
  /// The device under test, which is the script's first node.
  public let device: Node
  /// The other nodes, in order of preference.
  public let neighbours: [Node]
  /// The model of its caches and jobs; nil for a real kernel.
  public let model: (any ModelledMachine)?
  /// How jobs run.
  public let jobs: JobExecution
  /// The ABI variant of its drivers' sync calls.
  public let dialect: SyncDialect

  /// Creates a description of a machine.
  public init(
    kernel: Kernel, device: Node, neighbours: [Node] = [], model: (any ModelledMachine)? = nil,
    jobs: JobExecution = .modelled, dialect: SyncDialect = .merged
  ) {
    self.kernel = kernel
    self.device = device
    self.neighbours = neighbours
    self.model = model
    self.jobs = jobs
    self.dialect = dialect
  }
}

/// How the jobs of a script run.
public enum JobExecution: Hashable, Sendable {
  /// They are submitted to the driver; jobs that the driver cannot run are skipped.
  case submitted
  /// The model of the machine performs their accesses.
  case modelled
  /// They are submitted where the drivers can run all of them, and modelled otherwise.
  case either
  /// They are skipped.
  case none
}
