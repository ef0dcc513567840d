// SPDX-License-Identifier: MIT

internal import DRMKernel

/// What a call may return: success, or one of several errnos where kernels legitimately differ.
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

/// What one call returned: `PANTHOR_BO_SYNC: EINVAL`, `GET_CAP: 0 value=3`.
struct Observation: Hashable, Sendable, CustomStringConvertible {
  /// The call, or the value that was read.
  let subject: String
  /// The call's errno, 0, or the value.
  let outcome: String

  init(_ subject: String, outcome: String) {
    self.subject = subject
    self.outcome = outcome
  }

  init(_ subject: String, answer: some SignedInteger, values: String = "") {
    self.subject = subject
    let result = Errno(answer: answer).map(String.init(describing:)) ?? "0"
    outcome = values.isEmpty ? result : "\(result) \(values)"
  }

  var description: String { "\(subject): \(outcome)" }
}

/// A result that differs from what a check's statement says.
struct Mismatch: Error, CustomStringConvertible {
  let subject: String
  let expected: String
  let observed: String

  var description: String { "\(subject): expected \(expected), observed \(observed)" }
}
