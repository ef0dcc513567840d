// SPDX-License-Identifier: MIT

import DRMConformance
import DRMDrivers
import Foundation
import Reports

@testable import Runs

/// A folder for the result folders of a test, removed with the value.
final class Bench {
  let root: String

  init() throws {
    // A file system in memory, where a sync costs nothing.
    let memory = "/dev/shm"
    let parent =
      FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
    root = "\(parent)/gemsync-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  var folder: String { root + "/run" }
  var journal: String { folder + "/journal.jsonl" }
  var planFile: String { folder + "/plan.json" }

  /// The names in the root and in the result folder, sorted.
  func names(_ path: String? = nil) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path ?? root)) ?? []).sorted()
  }

  func bytes(_ path: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(filePath: path)))
  }

  func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  /// Replaces the contents of a file, which other descriptors of it see.
  func write(_ bytes: [UInt8], to path: String) throws {
    try Data(bytes).write(to: URL(filePath: path))
  }

  /// Creates a folder for a plan, and closes it.
  func create(_ plan: Plan = .sample()) throws {
    _ = try ResultFolder.create(at: folder, plan: plan)
  }

  /// The error of one line of an attempt to open the folder.
  func openError() -> String? {
    do {
      _ = try ResultFolder.open(at: folder)
      return nil
    } catch {
      return error.exitCode == 2 && !error.description.contains("\n")
        ? error.description : "not one line with exit code 2: \(error)"
    }
  }
}

extension DeviceRow {
  static func sample(_ name: String) -> DeviceRow {
    DeviceRow(
      DeviceDescription(label: name, driver: "panthor", version: "1.9.0", isCoherent: false))
  }
}

extension Work {
  static let sample = Work.checks(CheckWork(provokesWarnings: false, allowsJobs: nil))
}

extension RunPolicy {
  static let sample = RunPolicy(limits: TimeLimits(item: .seconds(1.5), inactivity: nil, run: nil))
}

extension Plan {
  /// A plan of `count` items, by turns on two devices.
  static func sample(_ count: Int = 8) -> Plan {
    Plan(
      tool: "gemsync 1", command: ["check", "a\n\u{202e}b"], work: .sample, policy: .sample,
      devices: [.sample("mock:panthor"), .sample("/dev/dri/renderD128")],
      items: (0..<count).map { number in
        Item(number: number, device: number % 2, name: "panthor.check_\(number / 2)", round: 1)
      })
  }

  /// A result of an item.
  func row(_ item: Int, _ verdict: Verdict = .pass, observed: [String] = []) -> ResultRow {
    let result = CheckResult(
      id: items[item].name, verdict: verdict, observed: observed, seconds: 0.25,
      reason: verdict == .pass ? nil : "a reason")
    return ResultRow(result, on: devices[items[item].device])
  }
}

extension ResultFolder {
  /// Makes an attempt at an item, with a result.
  func run(_ item: Int, attempt: Int = 1, _ verdict: Verdict = .pass) throws {
    try append(.began(item: item, attempt: attempt))
    try append(.ended(item: item, attempt: attempt, row: plan.row(item, verdict)))
  }

  /// Runs all that is left.
  func finish() throws {
    for item in history.itemsToRun { try run(item.number) }
    try append(.finished)
  }
}
