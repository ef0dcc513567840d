// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import LitmusExplorer

/// The counts of a search over many scripts.
struct Tally: Sendable {
  private(set) var scripts = 0
  private(set) var withBadReads = 0
  private(set) var withRefusals = 0
  private(set) var withComplaints = 0
  private(set) var replays = 0
  private(set) var states = 0
  private(set) var disagreements = 0
  /// The number of scripts with each finding.
  private(set) var labels: [String: Int] = [:]
  /// The number of findings with each outcome of the search for a repair.
  private(set) var outcomes: [String: Int] = [:]

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
    for outcome in examined.outcomes { outcomes[outcome, default: 0] += 1 }
  }

  /// Returns the findings that fewer than `least` scripts have.
  func rare(_ least: Int) -> [String] {
    FindingName.allCases.map(\.rawValue).filter { labels[$0, default: 0] < least }
  }

  /// Returns the counts as text, one line each.
  func summary(seconds: Double) -> String {
    let pace = seconds > 0 ? Int(Double(scripts) / seconds) : 0
    let repairs = outcomes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\n" }.joined()
    return repairs + """
      \(scripts) scripts in \(Int(seconds)) s, \(pace) a second
      \(withBadReads) with bad reads, \(withRefusals) with refused steps, \(withComplaints) with errors of the mock
      \(replays) schedules run, \(states) states visited
      \(labels.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
      \(disagreements) disagreements
      """
  }
}

/// A tally that several threads add to, and their output, one text at a time.
final class SharedTally: Sendable {
  private let guarded = Guarded(Tally())

  var tally: Tally { guarded.withLock { $0 } }

  func add(_ examined: Examined) {
    guarded.withLock { $0.add(examined) }
  }

  /// Prints a text while no other thread prints.
  func report(_ text: String) {
    guarded.withLock { _ in print(text) }
  }
}

/// The result of the search over one script.
struct Examined {
  let verdict: Verdict
  /// The names of the explorer's findings.
  let labels: Set<String>
  /// The difference to the explorer or to another search; nil where there is none.
  let disagreement: String?
  /// The outcomes of the search for repairs, by finding.
  var outcomes: [String] = []

  /// The result in one line.
  var text: String {
    var found = verdict.summary.isEmpty ? "proved" : verdict.summary
    if !labels.isEmpty { found += " (\(labels.sorted().joined(separator: ", ")))" }
    if !outcomes.isEmpty { found += "; \(outcomes.joined(separator: ", "))" }
    return disagreement.map { "\(found); DISAGREES: \($0)" } ?? found
  }
}
