// SPDX-License-Identifier: MIT

/// The offset that makes `mmap` on the node select a BO; a whole number of pages.
///
/// Only the exact start selects the BO: any other offset is refused with EINVAL.
public struct FakeOffset: RawRepresentable, Hashable, Sendable {
  /// The offset in bytes.
  public let rawValue: UInt64

  /// Wraps an offset that an ioctl answered.
  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }
}
