// SPDX-License-Identifier: MIT

/// A call answered otherwise than a check's statement says.
struct Mismatch: Error, CustomStringConvertible {
  let subject: String
  let expected: String
  let observed: String

  var description: String { "\(subject): expected \(expected), observed \(observed)" }
}
