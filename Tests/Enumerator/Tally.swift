// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import LitmusExplorer

/// How many scripts came out how.
struct Tally: Sendable {
  private(set) var scripts = 0
  private(set) var withBadReads = 0
  private(set) var withRefusals = 0
  private(set) var withComplaints = 0
  private(set) var replays = 0
  private(set) var states = 0
  private(set) var disagreements = 0
  /// How many scripts have each finding.
  private(set) var labels: [String: Int] = [:]

  mutating func add(_ examined: Examined) {
    let verdict = examined.verdict
    scripts += 1
    withBadReads += verdict.badReads.isEmpty ? 0 : 1
    withRefusals += verdict.refusals.isEmpty ? 0 : 1
    withComplaints += verdict.complaints.isEmpty ? 0 : 1
    replays += verdict.replays
    states += verdict.states
    disagreements += examined.disagreement == nil ? 0 : 1
    for label in examined.labels { labels[label, default: 0] += 1 }
  }

  /// The names that fewer scripts have than is asked for.
  func rare(_ least: Int) -> [String] {
    FindingName.allCases.map(\.rawValue).filter { labels[$0, default: 0] < least }
  }

  /// The counts, a line each.
  func summary(seconds: Double) -> String {
    let pace = seconds > 0 ? Int(Double(scripts) / seconds) : 0
    return """
      \(scripts) scripts in \(Int(seconds)) s, \(pace) a second
      \(withBadReads) with bad reads, \(withRefusals) with steps refused, \(withComplaints) with complaints
      \(replays) schedules run, \(states) states seen
      \(labels.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
      \(disagreements) disagreements
      """
  }
}

/// A tally that several threads add to, and one line after the other that they print.
final class SharedTally: Sendable {
  private let guarded = Guarded(Tally())

  var tally: Tally { guarded.withLock { $0 } }

  func add(_ examined: Examined) {
    guarded.withLock { $0.add(examined) }
  }

  /// Prints, while nobody else does.
  func tell(_ text: String) {
    guarded.withLock { _ in print(text) }
  }
}
