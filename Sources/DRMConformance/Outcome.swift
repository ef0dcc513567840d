// SPDX-License-Identifier: MIT

internal import DRMKernel

/// What a call may answer: success, or one of some errnos where kernels legitimately differ.
struct Outcome: Hashable, Sendable, CustomStringConvertible {
  private let errnos: [Errno]

  static let success = Outcome(errnos: [])

  static func errno(_ errnos: Errno...) -> Outcome { Outcome(errnos: errnos) }

  static let EINVAL = errno(.EINVAL)
  static let ENOENT = errno(.ENOENT)
  static let EFAULT = errno(.EFAULT)
  static let EACCES = errno(.EACCES)

  func accepts(_ errno: Errno?) -> Bool {
    guard let errno else { return errnos.isEmpty }
    return errnos.contains(errno)
  }

  var description: String {
    errnos.isEmpty ? "0" : errnos.map(String.init(describing:)).joined(separator: " or ")
  }
}
