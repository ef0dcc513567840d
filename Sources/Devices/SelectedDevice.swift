// SPDX-License-Identifier: MIT

public import DRMKernel

/// A device that was opened once, identified, and can be used.
public struct SelectedDevice: Sendable {
  public let description: DeviceDescription
  public let path: String
  public let kernel: Kernel
  /// Another node of the same kernel that could be used too, the lowest; nil where there is none.
  public let otherPath: String?
}

extension SelectedDevice {
  /// Returns the device with someone else standing before its kernel.
  public func answered(by kernel: Kernel) -> SelectedDevice {
    SelectedDevice(description: description, path: path, kernel: kernel, otherPath: otherPath)
  }

  /// Returns the device with the first other one of a list as its neighbour.
  func beside(_ devices: [SelectedDevice]) -> SelectedDevice {
    SelectedDevice(
      description: description, path: path, kernel: kernel,
      otherPath: devices.first { $0.path != path }?.path)
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
