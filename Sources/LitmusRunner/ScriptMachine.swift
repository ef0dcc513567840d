// SPDX-License-Identifier: MIT

@_spi(ProposedSync) public import DRM
public import DRMDrivers
public import DRMKernel

/// The device on which scripts run, and the other nodes of its kernel.
public struct ScriptMachine: Sendable {
  public let kernel: Kernel
  /// The device under test, which is the script's first node.
  public let device: DeviceDescription
  /// The other nodes, in order of preference.
  public let neighbours: [DeviceDescription]
  /// Why other device files of the machine cannot be opened, by their paths.
  let closedFiles: [String: String]
  /// The model of its caches and jobs; nil for a real kernel.
  public let model: (any ModelledMachine)?
  /// How jobs run.
  public let jobs: JobExecution
  /// The variant of the sync ABI that its kernel has.
  package let abi: SyncABI

  /// Creates a description of a machine.
  package init(
    kernel: Kernel, device: DeviceDescription, neighbours: [DeviceDescription] = [],
    closedFiles: [String: String] = [:], model: (any ModelledMachine)? = nil,
    jobs: JobExecution = .modelled, abi: SyncABI = .merged
  ) {
    self.kernel = kernel
    self.device = device
    self.neighbours = neighbours
    self.closedFiles = closedFiles
    self.model = model
    self.jobs = jobs
    self.abi = abi
  }

  /// Describes the machine of a device.
  package init(_ device: DRMDevice, jobs: JobExecution, abi: SyncABI = .merged) {
    self.init(
      kernel: device.kernel, device: device.description, neighbours: device.neighbours,
      closedFiles: device.closedFiles, model: device.model, jobs: jobs, abi: abi)
  }
}

/// How the jobs of a script run.
public enum JobExecution: String, CaseIterable, Hashable, Sendable, Codable {
  /// They are submitted where the drivers can run all of them, and modelled otherwise.
  case either
  /// They are submitted to the driver; jobs that the driver cannot run are skipped.
  case submitted
  /// The model of the machine performs their accesses.
  case modelled
  /// They are skipped.
  case none
}

/// How jobs run on mocks, and whether they may be submitted to real devices.
public struct JobRule: Hashable, Sendable, Codable {
  private let onMocks: JobExecution
  private let allowsReal: Bool

  /// Creates a rule.
  public init(onMocks: JobExecution, allowsReal: Bool) {
    (self.onMocks, self.allowsReal) = (onMocks, allowsReal)
  }

  /// Returns how jobs run on a device; only a mock has a model.
  public func execution(on device: DRMDevice) -> JobExecution {
    guard device.model == nil else { return onMocks }
    return allowsReal && onMocks != .none ? .submitted : .none
  }
}
