// SPDX-License-Identifier: MIT

public import DRM
public import DRMDrivers
public import DRMKernel

/// The device on which scripts run, and the other nodes of its kernel.
public struct ScriptMachine: Sendable {
  public let kernel: Kernel
  /// The device under test, which is the script's first node.
  public let device: DeviceDescription
  /// The other nodes, in order of preference.
  public let neighbours: [DeviceDescription]
  /// The model of its caches and jobs; nil for a real kernel.
  public let model: (any ModelledMachine)?
  /// How jobs run.
  public let jobs: JobExecution
  /// The ABI variant of its drivers' sync calls.
  public let dialect: SyncDialect

  /// Creates a description of a machine.
  public init(
    kernel: Kernel, device: DeviceDescription, neighbours: [DeviceDescription] = [],
    model: (any ModelledMachine)? = nil,
    jobs: JobExecution = .modelled, dialect: SyncDialect = .merged
  ) {
    self.kernel = kernel
    self.device = device
    self.neighbours = neighbours
    self.model = model
    self.jobs = jobs
    self.dialect = dialect
  }

  /// Describes the machine of a device.
  public init(_ device: DRMDevice, jobs: JobExecution, dialect: SyncDialect = .merged) {
    self.init(
      kernel: device.kernel, device: device.description, neighbours: device.neighbours,
      model: device.model, jobs: jobs, dialect: dialect)
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
