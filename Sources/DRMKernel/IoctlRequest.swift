// SPDX-License-Identifier: MIT

/// An ioctl request number, and its four parts: direction, size, type and number.
///
/// The layout is that of the kernel's `_IOC` macros on arm64 and x86-64.
public struct IoctlRequest: RawRepresentable, Hashable, Sendable {
  /// The request number that is passed to `ioctl(2)`.
  public let rawValue: UInt

  /// Creates a request from its number.
  public init(rawValue: UInt) {
    self.rawValue = rawValue
  }

  /// The number within the type, 0 to 255: `_IOC_NR`.
  public var number: Int { Int(rawValue & 0xff) }
  /// The type byte, `d` for DRM: `_IOC_TYPE`.
  public var type: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 8) }
  /// The argument's size in bytes, at most 16383: `_IOC_SIZE`.
  public var size: Int { Int(rawValue >> 16 & 0x3fff) }
  /// Whether the kernel reads the argument: `IOC_IN`.
  public var isIn: Bool { rawValue >> 30 & 1 != 0 }
  /// Whether the kernel writes the argument: `IOC_OUT`.
  public var isOut: Bool { rawValue >> 31 & 1 != 0 }

  /// Returns the same request with another argument size.
  public func resized(to size: Int) -> IoctlRequest {
    IoctlRequest(rawValue: rawValue & ~(0x3fff << 16) | UInt(size & 0x3fff) << 16)
  }

  /// Returns the same request with other direction bits: whether the kernel reads and writes the argument.
  public func directed(in isIn: Bool, out isOut: Bool) -> IoctlRequest {
    IoctlRequest(rawValue: rawValue & 0x3fff_ffff | (isIn ? 1 << 30 : 0) | (isOut ? 1 << 31 : 0))
  }
}
