// SPDX-License-Identifier: MIT

import ArgumentParser
import CBench
import FoundationEssentials

/// The tool of `Scripts/bench`: measures what the client adds to C, as ratios of one run.
@main
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemsync-bench",
    abstract: "Measure what the client adds to a C program that does the same.",
    discussion: """
      Example:
        Scripts/bench --format json
      """)

  @Option(help: "Select the format: human or json.")
  var format = "human"

  @Option(
    help: "Run one side of one scenario, for an instruction counter: NAME/swift or NAME/c.")
  var only: String?

  @Option(help: "Set the number of repetitions, with --only.")
  var count: UInt64 = 1000

  @Option(help: "Report a count of instructions per operation above C: NAME=N; may be repeated.")
  var instructions: [String] = []

  private static func scenarios() -> [() throws -> Scenario] {
    [
      { try .singleSync() },
      { try .batch("sync.batch_4096", driver: 0, bytesEach: 24) },
      { try .batch("sync.batch_4096_panfrost", driver: 1, bytesEach: 16) },
      { try .fill() }, { try .bufferCycle() }, { try .largeFlush() }, { try .smallFlush() },
    ]
  }

  func run() throws {
    guard ["human", "json"].contains(format) else {
      throw ValidationError("--format '\(format)': expected human or json")
    }
    if let only { return try runAlone(only) }
    var results: [Measurement] = []
    for scenario in Self.scenarios() {
      let scenario = try scenario()
      results.append(try Measurement(of: scenario, instructions: instructionCount(scenario.name)))
    }
    let report = MeasurementReport(results: results)
    print(try format == "json" ? report.json() : report.text(), terminator: "")
  }

  private func runAlone(_ only: String) throws {
    let parts = only.split(separator: "/")
    for scenario in Self.scenarios() {
      let scenario = try scenario()
      guard parts.count == 2, scenario.name == parts[0] else { continue }
      if parts[1] == "swift" { try scenario.swift(count) } else { scenario.baseline(count) }
      return
    }
    throw ValidationError("--only '\(only)': unknown scenario")
  }

  private func instructionCount(_ name: String) -> Int? {
    instructions.first { $0.hasPrefix(name + "=") }.flatMap { Int($0.dropFirst(name.count + 1)) }
  }
}
