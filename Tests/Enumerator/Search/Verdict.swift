// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The result of the search over one script.
struct Verdict: Sendable {
  /// The reads that can see anything but the last write ordered before them.
  var badReads: Set<ReadID> = []
  /// The steps with an unexpected result, and these results.
  var refusals: [Int: CInt] = [:]
  /// Errors of the mock: moves that it refused although every order allows them, and the reverse.
  var complaints: Set<String> = []
  /// The number of schedules that ran.
  var replays = 0
  /// The number of visited states.
  var states = 0

  /// Whether there are no bad reads and no unexpected results.
  var isProved: Bool { badReads.isEmpty && refusals.isEmpty }

  var summary: String {
    let steps = refusals.sorted { $0.key < $1.key }.map { step, answer in
      "step \(step) returned \(Errno(answer: answer)?.description ?? String(answer))"
    }
    return (badReads.sorted().map { "\($0) sees wrong bytes" } + steps + complaints.sorted())
      .joined(separator: "; ")
  }
}

/// A read of a script.
struct ReadID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The CPU's step, or the step that submits the job.
  let step: Int
  /// The index of the job's access; nil for a read of the CPU.
  let access: Int?

  static func < (one: ReadID, other: ReadID) -> Bool {
    (one.step, one.access ?? -1) < (other.step, other.access ?? -1)
  }

  var description: String { access.map { "step \(step), access \($0)" } ?? "step \(step)" }
}
