// SPDX-License-Identifier: MIT

internal import CDRM

/// An error number of the kernel, with its C name.
///
/// Every number is representable, because a driver at bring-up may return any number.
public struct Errno: RawRepresentable, Hashable, Sendable {
  /// The number, positive.
  public let rawValue: CInt

  /// Creates an errno from its positive number.
  public init(rawValue: CInt) {
    self.rawValue = rawValue
  }

  /// Creates an errno from the result of a ``KernelInterface`` call; nil for a result that is not negative.
  public init?(answer: some SignedInteger) {
    guard answer < 0 else { return nil }
    // The magnitude of the smallest number has no negative counterpart.
    rawValue = CInt(truncatingIfNeeded: answer.magnitude)
  }

  /// Creates an errno from its C name, such as `EINVAL`; nil for an unknown name.
  public init?(name: String) {
    for number in 1..<134 as Range<CInt> where Errno(rawValue: number).description == name {
      self.init(rawValue: number)
      return
    }
    return nil
  }

  /// The negated number: the result of a failed ``KernelInterface`` call.
  public var answer: CInt { 0 &- rawValue }
}

extension Errno: Error {}

extension Errno: CustomStringConvertible {
  /// The C name, such as `EINVAL`; `errno 512` for a number without one.
  public var description: String {
    guard let name = unsafe cdrm_errno_name(rawValue) else { return "errno \(rawValue)" }
    return unsafe String(cString: name)
  }

  /// The C library's description, such as `Invalid argument`.
  public var sentence: String { unsafe String(cString: cdrm_errno_sentence(rawValue)) }
}

// The numbers that the memory uAPI returns, under their C names.
extension Errno {
  public static let EPERM = Errno(rawValue: 1)
  public static let ENOENT = Errno(rawValue: 2)
  public static let EIO = Errno(rawValue: 5)
  public static let E2BIG = Errno(rawValue: 7)
  public static let EBADF = Errno(rawValue: 9)
  public static let ENOMEM = Errno(rawValue: 12)
  public static let EACCES = Errno(rawValue: 13)
  public static let EFAULT = Errno(rawValue: 14)
  public static let EBUSY = Errno(rawValue: 16)
  public static let EEXIST = Errno(rawValue: 17)
  public static let ENODEV = Errno(rawValue: 19)
  public static let EINVAL = Errno(rawValue: 22)
  public static let ENFILE = Errno(rawValue: 23)
  public static let EMFILE = Errno(rawValue: 24)
  public static let ENOTTY = Errno(rawValue: 25)
  public static let ENOSPC = Errno(rawValue: 28)
  public static let ESPIPE = Errno(rawValue: 29)
  public static let ENOSYS = Errno(rawValue: 38)
  public static let ETIME = Errno(rawValue: 62)
  public static let EOVERFLOW = Errno(rawValue: 75)
  public static let EBADFD = Errno(rawValue: 77)
  public static let EOPNOTSUPP = Errno(rawValue: 95)
  public static let ETIMEDOUT = Errno(rawValue: 110)
  public static let EALREADY = Errno(rawValue: 114)
  public static let ECANCELED = Errno(rawValue: 125)
}
