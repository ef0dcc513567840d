// SPDX-License-Identifier: MIT

/// The number of a BO within one open file; the kernel never gives out 0.
public struct GEMHandle: RawRepresentable, Hashable, Sendable {
  /// The number as ioctls carry it.
  public let rawValue: UInt32

  /// Wraps a number that an ioctl answered.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }
}

extension GEMHandle: CustomStringConvertible {
  /// `handle 3`.
  public var description: String { "handle \(rawValue)" }
}
