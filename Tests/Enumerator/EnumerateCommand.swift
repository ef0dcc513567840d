// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import Dispatch
internal import FoundationEssentials
internal import Litmus

/// Searches many small scripts on the mock's bytes, and compares with what the explorer says of them.
@main
struct EnumerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemsync-enumerate",
    abstract: "Decide what small scripts can do by trying everything on the mock.")

  @Option(help: "How many scripts to make up.")
  var scripts = 1000

  @Option(help: "What they are made up from.")
  var seed: UInt64 = 1

  @Option(help: "The number of the first.")
  var first = 0

  @Option(help: "How many to search at once.")
  var jobs = 2

  @Flag(help: "Move all lines in one search, and compare with moving them one by one.")
  var together = false

  @Option(
    help:
      "Which devices snoop the CPU's caches: \(Coherency.allValueStrings.joined(separator: ", ")).")
  var coherency = Coherency.none

  @Option(help: "How many scripts must have each finding at least.")
  var least = 0

  @Flag(help: "Write each script before its verdict.")
  var show = false

  @Argument(help: "Scripts to search on every driver they allow, in place of made-up ones.")
  var files: [String] = []

  func run() throws {
    let start = ContinuousClock.now
    let tally = files.isEmpty ? searchMadeUp() : try searchFiles()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    print(tally.summary(seconds: seconds))
    let rare = tally.rare(least)
    if !rare.isEmpty { print("fewer than \(least) scripts have \(rare.joined(separator: ", "))") }
    guard tally.disagreements == 0, rare.isEmpty else { throw ExitCode(1) }
  }

  private func searchMadeUp() -> Tally {
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
          total.tell("\(generated.text)# \(examined.text)\n")
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
        total.tell(
          "\(file) \(platform): \(examined.text)" + (missing.map { "; NOT NAMED \($0)" } ?? ""))
      }
    }
    return total.tally
  }

  /// The finding that a script says it has.
  private static func expectedFinding(in text: String) -> String? {
    let begin = "# finding: "
    return text.split(separator: "\n").first { $0.hasPrefix(begin) }
      .map { String($0.dropFirst(begin.count)) }
  }

  /// Searches a script and asks for the other opinions on it.
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
    return Examined(verdict: verdict, labels: comparison.labels, disagreement: disagreement)
  }
}
