// SPDX-License-Identifier: MIT

import Foundation
import Reports
import Testing

/// Drivers with a minor version that is newer than the newest known one.
@Suite struct NewerDriverTests {
  static let devices = [
    ("mock:panthor,minor=12", "panthor 1.12 is newer than 1.9", "mock:panthor"),
    ("mock:panfrost,minor=9", "panfrost 1.9 is newer than 1.6", "mock:panfrost"),
    ("mock:panthor,coherent,minor=999", "panthor 1.999 is newer than 1.9", "mock:panthor,coherent"),
  ]

  /// Every command that uses a device says it, and ends as with the known version.
  @Test(arguments: devices)
  func everyCommandSaysIt(_ device: String, _ notice: String, _ known: String) throws {
    try inDirectory { directory in
      let script = "\(directory)/a.yaml"
      try ExampleScript.flush.write(toFile: script, atomically: true, encoding: .utf8)
      let commands = [
        ["info"], ["check", "core.version"], ["run", script], ["bringup", "--trials", "1"],
        ["explore", script], ["fuzz", "--ops", "100"],
        ["fuzz", "--ops", "100", "--against", "mock:" + device.dropFirst(5).prefix { $0 != "," }],
        ["record", "-o", "\(directory)/t.jsonl", "--", "check", "core.version"],
      ]
      for command in commands {
        let result = try gemsync(command + ["--device", device])
        let text = (result.output + result.errors).split(separator: "\n")
        #expect(result.code == 0, "\(command): \(result.errors)")
        #expect(text.count { $0.contains(notice) } == 1, "\(command): \(text)")
        let older = try gemsync(command + ["--device", known])
        #expect(!(older.output + older.errors).contains("is newer than"))
      }
    }
  }

  /// The notice stands in JSON, and every check that is for the newest known version runs.
  @Test(arguments: devices)
  func everyCheckOfTheNewestKnownVersionRuns(
    _ device: String, _ notice: String, _ known: String
  ) throws {
    try inDirectory { directory in
      let reports = try [device, known].enumerated().map { index, device in
        let file = "\(directory)/\(index).json"
        let result = try gemsync("check", "--device", device, "--format", "json", "--output", file)
        #expect(result.code == 0)
        return try Report(contentsOf: file)
      }
      #expect(reports[0].devices[0].note?.contains(notice) == true)
      #expect(reports[1].devices[0].note == nil)
      let verdicts = reports.map { $0.results.map { "\($0.id): \($0.verdict.rawValue)" } }
      #expect(verdicts[0] == verdicts[1])
      #expect(reports[0].results.count { $0.verdict == .pass } > 200)
      let info = try gemsync("info", "--device", device, "--format", "json")
      #expect(info.output.contains("\"note\" : \"\(notice)"))
    }
  }
}
