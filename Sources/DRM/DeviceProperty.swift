// SPDX-License-Identifier: MIT

/// One field of what a driver tells of its device, under the kernel's field name.
public struct DeviceProperty: Hashable, Sendable {
  public let name: String
  public let value: UInt64

  init(_ name: String, _ value: some BinaryInteger) {
    self.name = name
    self.value = UInt64(value)
  }
}
