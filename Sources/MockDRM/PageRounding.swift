// SPDX-License-Identifier: MIT

extension UInt64 {
  /// Rounds up to whole pages with the kernel's arithmetic: the last few sizes wrap to 0.
  func roundedUp(toPagesOf pageSize: Int) -> UInt64 {
    let mask = UInt64(pageSize) - 1
    return (self &+ mask) & ~mask
  }
}
