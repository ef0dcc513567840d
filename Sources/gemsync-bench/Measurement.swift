// SPDX-License-Identifier: MIT

import CBench
import FoundationEssentials

/// The result of one scenario.
struct Measurement: Codable {
  let name: String
  /// The median time, divided by the median time of the same work in C, of 20 interleaved rounds.
  let ratio: Double
  /// Instructions per operation above C; null where they were not counted.
  let instructions: Int?
  /// Allocations per operation, rounded up.
  let allocations: UInt64

  init(of scenario: Scenario, instructions: Int?) throws {
    var swift: [UInt64] = []
    var baseline: [UInt64] = []
    // One round to warm up, which is not measured.
    try scenario.swift(scenario.count)
    scenario.baseline(scenario.count)
    let before = cbench_allocation_count()
    try scenario.swift(scenario.count)
    allocations = (cbench_allocation_count() - before + scenario.count - 1) / scenario.count
    for _ in 0..<20 {
      try scenario.prepare()
      swift.append(try Self.time { try scenario.swift(scenario.count) })
      try scenario.prepare()
      baseline.append(Self.time { scenario.baseline(scenario.count) })
    }
    name = scenario.name
    ratio = Double(Self.median(swift)) / Double(max(1, Self.median(baseline)))
    self.instructions = instructions
  }

  private static func time(_ body: () throws -> Void) rethrows -> UInt64 {
    let start = cbench_nanoseconds()
    try body()
    return cbench_nanoseconds() - start
  }

  private static func median(_ values: [UInt64]) -> UInt64 {
    let sorted = values.sorted()
    return (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
  }

  func encode(to encoder: any Encoder) throws {
    var row = encoder.container(keyedBy: CodingKeys.self)
    try row.encode(name, forKey: .name)
    try row.encode(ratio, forKey: .ratio)
    try row.encode(instructions, forKey: .instructions)
    try row.encode(allocations, forKey: .allocations)
  }
}

/// The results of a run.
struct MeasurementReport: Codable {
  let schemaVersion = 1
  let results: [Measurement]

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case results
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  func text() -> String {
    var lines = [
      "| scenario | ratio to C | instructions above C | allocations |", "|---|---:|---:|---:|",
    ]
    for result in results {
      let ratio = Double(Int(result.ratio * 100 + 0.5)) / 100
      lines.append(
        "| \(result.name) | \(ratio) | \(result.instructions.map { "\($0)" } ?? "-") "
          + "| \(result.allocations) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
