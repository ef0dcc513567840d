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

extension FakeOffset {
  /// Takes an offset out of a successful answer; 0 is never one.
  init(answered offset: UInt64, for handle: GEMHandle) throws(DRMError) {
    guard offset != 0 else {
      throw DRMError(
        operation: .fakeOffset, reason: .impossibleAnswer("gave offset 0"),
        subject: .handle(handle))
    }
    self.init(rawValue: offset)
  }
}
