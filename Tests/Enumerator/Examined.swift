// SPDX-License-Identifier: MIT

/// What was found out about one script.
struct Examined {
  let verdict: Verdict
  /// What the explorer calls what it found.
  let labels: Set<String>
  /// In what another way to decide differs; nil where it does not.
  let disagreement: String?

  /// In one line.
  var text: String {
    var found = verdict.summary.isEmpty ? "proved" : verdict.summary
    if !labels.isEmpty { found += " (\(labels.sorted().joined(separator: ", ")))" }
    return disagreement.map { "\(found); DISAGREES: \($0)" } ?? found
  }
}
