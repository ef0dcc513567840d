// SPDX-License-Identifier: MIT

public import DRMKernel

/// The device that is accessed beside the CPU, and what else its machine has.
public struct AccessMachine: Sendable {
  public let kernel: Kernel
  public let path: String
  /// Another GPU's node that exports memory; nil where there is none.
  public let otherGPU: String?
  /// Who tells what cache maintenance the kernel did; nil where nobody can.
  public let maintenance: (any MaintenanceObserver)?

  /// Describes a machine.
  public init(
    kernel: Kernel, path: String, otherGPU: String?, maintenance: (any MaintenanceObserver)?
  ) {
    self.kernel = kernel
    self.path = path
    self.otherGPU = otherGPU
    self.maintenance = maintenance
  }
}
