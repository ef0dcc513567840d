// SPDX-License-Identifier: MIT

/// Why no device could be used: one line for a person, and what a script sees.
public struct DeviceError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
  /// 2 for a name that cannot mean any device, 1 for a device that is there and cannot be used.
  public let exitCode: Int32

  /// Creates an error.
  public init(description: String, exitCode: Int32) {
    self.description = description
    self.exitCode = exitCode
  }

  static func usage(_ description: String) -> DeviceError {
    DeviceError(description: description, exitCode: 2)
  }

  static func unusable(_ description: String) -> DeviceError {
    DeviceError(description: description, exitCode: 1)
  }
}
