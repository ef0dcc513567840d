// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import Dispatch
internal import FoundationEssentials
internal import Fuzzing
internal import Litmus

/// Compares brute-force enumeration on the mock with the explorer, over many small scripts.
@main
struct EnumerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemsync-enumerate",
    abstract:
      "Enumerate all executions of small scripts on the mock, and compare with the explorer.")

  @Option(help: "The number of scripts to generate.")
  var scripts = 1000

  @Option(help: "The seed of the generator.")
  var seed: UInt64 = 1

  @Flag(help: "Also search with all cache lines at once, and compare with one line at a time.")
  var together = false

  @Flag(help: "Also check the repairs of all findings, and the advice on proved scripts.")
  var repairs = false

  @Option(help: "The number of the first script.")
  var first = 0

  @Option(help: "The number of threads.")
  var jobs = 2

  @Option(
    help:
      "The devices that snoop CPU caches: \(Coherency.allValueStrings.joined(separator: ", ")).")
  var coherency = Coherency.none

  @Option(help: "The least number of scripts with each finding.")
  var least = 0

  @Flag(help: "Print each script before its verdict.")
  var show = false

  @Argument(help: "Scripts to search on every driver they accept, in place of generated ones.")
  var files: [String] = []

  func run() throws {
    let start = ContinuousClock.now
    let tally = files.isEmpty ? searchGenerated() : try searchFiles()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    print(tally.summary(seconds: seconds))
    let rare = tally.rare(least)
    if !rare.isEmpty { print("fewer than \(least) scripts have \(rare.joined(separator: ", "))") }
    guard tally.disagreements == 0, rare.isEmpty else { throw ExitCode(1) }
  }

  private func searchGenerated() -> Tally {
    let total = SharedTally()
    let jobs = max(jobs, 1)
    DispatchQueue.concurrentPerform(iterations: jobs) { worker in
      for number in stride(from: first + worker, to: first + scripts, by: jobs) {
        let generated = ScriptGenerator.script(seed: seed, number)
        let platform = MockPlatform(
          generated.script, drivers: generated.script.nodes.map { $0.drivers[0] },
          isCoherent: { coherency.isCoherent(seed, number, node: $0) })
        let examined = examine(generated.script, platform)
        total.add(examined)
        if show || examined.disagreement != nil || !examined.verdict.complaints.isEmpty {
          total.report("\(generated.text)# \(examined.text)\n")
        }
      }
    }
    return total.tally
  }

  private func searchFiles() throws -> Tally {
    let total = SharedTally()
    for file in files {
      let text = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
      let script = try ScriptReader.read(path: file, text: text)
      for platform in MockPlatform.all(for: script) {
        let examined = examine(script, platform)
        let missing = Self.expectedFinding(in: text).flatMap {
          examined.labels.contains($0) ? nil : $0
        }
        total.add(examined)
        total.report(
          "\(file) \(platform): \(examined.text)" + (missing.map { "; \($0) is missing" } ?? ""))
      }
    }
    return total.tally
  }

  /// Returns the finding that a script's comment names.
  private static func expectedFinding(in text: String) -> String? {
    let prefix = "# finding: "
    return text.split(separator: "\n").first { $0.hasPrefix(prefix) }
      .map { String($0.dropFirst(prefix.count)) }
  }

  /// Searches a script and compares the result with the explorer.
  private func examine(_ script: Script, _ platform: MockPlatform) -> Examined {
    let verdict = Enumerator.verdict(on: script, platform)
    let comparison = Comparison(script, platform, verdict)
    var disagreement = comparison.disagreement
    if together {
      let other = Enumerator.verdict(on: script, platform, lines: .together)
      if other.badReads != verdict.badReads {
        disagreement = "with all lines in one search: \(other.summary)"
      }
    }
    var outcomes: [String] = []
    if repairs, disagreement == nil, verdict.complaints.isEmpty {
      let check = RepairCheck(script, platform)
      (outcomes, disagreement) = (check.outcomes, check.fault)
    }
    return Examined(
      verdict: verdict, labels: comparison.labels, disagreement: disagreement, outcomes: outcomes)
  }
}

/// Which devices of generated scripts snoop CPU caches.
enum Coherency: String, CaseIterable, ExpressibleByArgument {
  case none, all, mixed

  /// Whether the device of a node snoops; for `mixed`, random by seed, number and node.
  func isCoherent(_ seed: UInt64, _ number: Int, node: Int) -> Bool {
    switch self {
    case .none: return false
    case .all: return true
    case .mixed:
      var random = SeededRandom(seed: seed &+ UInt64(number * 8 + node) &* 0x51_7cc1)
      return random.chance(50)
    }
  }
}
