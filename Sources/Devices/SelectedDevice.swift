// SPDX-License-Identifier: MIT

public import DRMKernel

/// A device that was opened once, identified, and can be used.
public struct SelectedDevice: Sendable {
  public let description: DeviceDescription
  public let path: String
  public let kernel: Kernel
  /// The other nodes of the same kernel that could be used too, in ascending order.
  public let neighbours: [Neighbour]
  /// Who tells what cache maintenance the kernel did; nil where nobody can.
  public let maintenance: (any MaintenanceObserver)?
  /// What models its caches and runs its jobs: the mock; nil for a real kernel.
  public let model: (any ModelledMachine)?

  /// Another node of the same kernel.
  public struct Neighbour: Hashable, Sendable {
    public let path: String
    public let driver: String
    public let version: String
    /// Nil where the driver does not say it.
    public let isCoherent: Bool?
  }
}

extension SelectedDevice {
  /// Returns the device with someone else standing before its kernel.
  public func answered(by kernel: Kernel) -> SelectedDevice {
    SelectedDevice(
      description: description, path: path, kernel: kernel, neighbours: neighbours,
      maintenance: maintenance, model: model)
  }

  /// This device, and then its neighbours.
  public var machine: [Neighbour] { [asNeighbour] + neighbours }

  private var asNeighbour: Neighbour {
    Neighbour(
      path: path, driver: description.driver, version: description.version,
      isCoherent: description.isCoherent)
  }

  /// Returns the device with the other ones of a list as its neighbours.
  func beside(_ devices: [SelectedDevice]) -> SelectedDevice {
    SelectedDevice(
      description: description, path: path, kernel: kernel,
      neighbours: devices.filter { $0.path != path }
        .map {
          $0.asNeighbour
        },
      maintenance: maintenance, model: model)
  }
}

/// A node that is there and is not used.
public struct IgnoredDevice: Hashable, Sendable {
  public let path: String
  public let reason: String
}

/// The devices a selector came down to.
public struct Selection: Sendable {
  public let devices: [SelectedDevice]
  public let ignored: [IgnoredDevice]
  /// What a person must be told before any result, such as that a mock stands in; nil where nothing.
  public let notice: String?
}

extension Selection {
  /// Returns the selection with someone else standing before each device's kernel.
  public func answered(by kernel: Kernel) -> Selection {
    Selection(
      devices: devices.map { $0.answered(by: kernel) }, ignored: ignored, notice: notice)
  }
}
