// SPDX-License-Identifier: MIT

public import DRMDrivers
public import DRMKernel

/// A device that can be used: its description, and the kernel that it is reached through.
public struct DRMDevice: Sendable {
  public var description: DeviceDescription
  public var kernel: Kernel
  /// The other devices of the same kernel that can be used, in ascending order.
  public var neighbours: [DeviceDescription]
  /// Why other device files of the machine cannot be opened, by their paths.
  public var closedFiles: [String: String] = [:]
  /// What reports the cache maintenance of the kernel; nil where nothing does.
  public let maintenance: (any MaintenanceObserver)?
  /// What models the device's caches and runs its jobs: the mock; nil for a real kernel.
  public let model: (any ModelledMachine)?

  /// Creates a device.
  public init(
    _ description: DeviceDescription, kernel: Kernel, neighbours: [DeviceDescription] = [],
    maintenance: (any MaintenanceObserver)? = nil, model: (any ModelledMachine)? = nil
  ) {
    self.description = description
    self.kernel = kernel
    self.neighbours = neighbours
    self.maintenance = maintenance
    self.model = model
  }

  /// The node that is opened to use the device.
  public var path: String { description.path }

  /// This device, then its neighbours.
  public var machine: [DeviceDescription] { [description] + neighbours }

  /// Returns why this process cannot open a device file of the machine; nil where it can.
  ///
  /// - Parameter kernel: the kernel to open it through; without one, the device's.
  package func reasonNotToOpen(_ path: String, through kernel: Kernel? = nil) -> String? {
    let kernel = kernel ?? self.kernel
    let answer = kernel.open(path, flags: OpenFlags.readWrite)
    guard answer < 0 else {
      _ = kernel.close(answer)
      return nil
    }
    guard let errno = Errno(answer: answer), errno != .ENOENT else { return "needs \(path)" }
    return "needs \(path): \(closedFiles[path] ?? "it cannot be opened: \(errno)")"
  }

  /// Returns the device with a substitute for its kernel.
  public func answered(by kernel: Kernel) -> DRMDevice {
    var device = self
    device.kernel = kernel
    return device
  }
}
