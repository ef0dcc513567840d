// SPDX-License-Identifier: MIT

/// What was found out about one script.
struct Examined {
  let verdict: Verdict
  /// In what another way to decide differs; nil where it does not.
  let disagreement: String?

  /// In one line.
  var text: String {
    let found = verdict.summary.isEmpty ? "proved" : verdict.summary
    return disagreement.map { "\(found); DISAGREES: \($0)" } ?? found
  }
}
