// SPDX-License-Identifier: MIT

internal import DRMKernel

/// BO labels, which both Mali drivers take alike.
enum MockLabel {
  // With its NUL.
  private static let limit = 4096

  /// Reads a label: EFAULT for a bad address, E2BIG where it does not end in time; 0 takes it away.
  static func check(_ address: UInt64, on device: MockDevice) throws(Errno) {
    guard address != 0 else { return }
    let limit = device.breaks(.labelLength) ? limit + 1 : limit
    guard try ClientMemory.readString(address, limit: limit) != nil else { throw .E2BIG }
  }
}
