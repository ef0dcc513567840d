// SPDX-License-Identifier: MIT

public import DRM
public import DRMKernel

/// A node that is there and is not used.
public struct IgnoredDevice: Hashable, Sendable {
  public let path: String
  public let reason: String
}

/// The devices a selector came down to.
public struct Selection: Sendable {
  public let devices: [DRMDevice]
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
