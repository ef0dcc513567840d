// SPDX-License-Identifier: MIT

public import DRM
public import DRMDrivers
public import DRMKernel

/// The device a script is to run on, and what stands beside it.
public struct ScriptMachine: Sendable {
  public let kernel: Kernel
  /// The device that was asked for: it is the script's first node.
  public let device: DeviceDescription
  /// The machine's other nodes, in the order in which they are taken.
  public let neighbours: [DeviceDescription]
  /// What models its caches and can run jobs by itself; nil where the kernel is no model.
  public let model: (any ModelledMachine)?
  /// How jobs come to run there.
  public let jobs: JobExecution
  /// How its drivers read sync operations.
  public let dialect: SyncDialect

  /// Describes a machine.
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
