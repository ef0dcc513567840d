// SPDX-License-Identifier: MIT

/// A read of a script.
struct ReadID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Of the CPU's step, or of the step that submits the job.
  let step: Int
  /// Which of the job's accesses it is; nil for the CPU's own.
  let access: Int?

  static func < (one: ReadID, other: ReadID) -> Bool {
    (one.step, one.access ?? -1) < (other.step, other.access ?? -1)
  }

  var description: String { access.map { "step \(step), access \($0)" } ?? "step \(step)" }
}
