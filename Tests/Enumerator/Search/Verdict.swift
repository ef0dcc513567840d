// SPDX-License-Identifier: MIT

internal import DRMKernel

/// What came out of the search over one script.
struct Verdict: Sendable {
  /// The reads that can show something else than the last write ordered before them.
  var badReads: Set<ReadID> = []
  /// The steps that answered otherwise than the script says, and what they answered.
  var refusals: [Int: CInt] = [:]
  /// Where the mock did what no order of the script allows, or refused what every order does.
  var complaints: Set<String> = []
  var replays = 0
  var states = 0

  /// Whether nothing can go wrong.
  var isProved: Bool { badReads.isEmpty && refusals.isEmpty }

  var summary: String {
    let steps = refusals.sorted { $0.key < $1.key }.map { step, answer in
      "step \(step) answered \(Errno(answer: answer)?.description ?? String(answer))"
    }
    return (badReads.sorted().map { "\($0) goes wrong" } + steps + complaints.sorted())
      .joined(separator: "; ")
  }
}
