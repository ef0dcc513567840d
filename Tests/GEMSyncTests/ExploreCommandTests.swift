// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// `gemsync explore` and `gemsync policies`, run as processes.
@Suite struct ExploreCommandTests {
  private let good = "missing_flush.bo_sync.good.yaml"
  private let bad = "missing_flush.bo_sync.bad.yaml"

  private func litmus(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Litmus/\(name)").path
  }

  @Test func exitCodesFollowFromVerdicts() throws {
    #expect(try gemsync("explore", litmus(good)).code == 0)
    #expect(try gemsync("explore", litmus(bad)).code == 1)
    #expect(try gemsync("explore", litmus(good), litmus(bad), "--brief").code == 1)
    #expect(try gemsync("explore", litmus(good), "--bound", "1").code == 3)
    #expect(try gemsync("explore", litmus(good), "--device", "mock:panfrost").code == 77)
    #expect(try gemsync("explore", litmus("none.yaml")).code == 2)
    #expect(try gemsync("explore", litmus(good), "--bound", "0").code == 2)
    #expect(try gemsync("explore", litmus(good), "--node", "gpu=mock:panthor").code == 2)
  }

  @Test func findingHasATimelineAndIsReplayedOnTheMock() throws {
    let result = try gemsync("explore", litmus(bad))
    #expect(result.output.contains("MISSING_FLUSH \(litmus(bad)):10:32\n"))
    #expect(result.output.contains("may see zeroes, not w1"))
    #expect(result.output.contains("9  the CPU writes w1"))
    #expect(result.output.contains("on the mock: the same wrong bytes"))
  }

  /// `run` reproduces the wrong read of a finding from the schedule that `explore` wrote.
  @Test func scheduleOfAFindingIsReproduced() throws {
    let result = try gemsync("explore", litmus(bad), "--format", "json")
    let report = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    #expect(report?["schema_version"] as? Int == 2)
    let row = (report?["explorations"] as? [[String: Any]])?.first
    #expect(row?["verdict"] as? String == "finding")
    let finding = (row?["findings"] as? [[String: Any]])?.first
    let schedule = try #require(finding?["schedule"])
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
    defer { try? FileManager.default.removeItem(at: file) }
    try JSONSerialization.data(withJSONObject: schedule).write(to: file)
    let run = try gemsync(
      "run", litmus(bad), "--device", "mock:panthor,evict=never,fill=never", "--schedule", file.path
    )
    #expect(run.code == 1)
    #expect(run.output.contains("j read a 0..<4: must see w1, but sees zeroes"))
  }

  /// The repaired script is proved, and the input is never replaced.
  @Test func writesTheRepairedScript() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    let result = try gemsync(
      "explore", litmus(bad), "--device", "mock:panthor", "--repair", file.path)
    #expect(result.code == 1)
    #expect(
      result.output.contains("repair: insert 'sync: {bo: a, size: 4, op: flush}' before line 10"))
    let repaired = try gemsync("explore", file.path, "--device", "mock:panthor")
    #expect(repaired.code == 0)
    #expect(try gemsync("run", file.path, "--device", "mock:panthor").code == 0)
  }

  @Test func repairIsForOneScriptAndOneDeviceAndAnotherFile() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).yaml")
    let copy = file.path + ".copy.yaml"
    let link = file.path + ".link.yaml"
    defer {
      for path in [file.path, copy, link] { try? FileManager.default.removeItem(atPath: path) }
    }
    let device = ["--device", "mock:panthor"]
    #expect(
      try gemsync(["explore", litmus(bad), litmus(good), "--repair", file.path] + device).code == 2)
    #expect(
      try gemsync(
        ["explore", litmus(bad), "--repair", file.path] + device + ["--device", "mock:panfrost"]
      ).code == 2)
    try FileManager.default.copyItem(atPath: litmus(bad), toPath: copy)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: copy)
    let before = try Data(contentsOf: URL(filePath: copy))
    #expect(try gemsync(["explore", copy, "--repair", copy] + device).code == 2)
    #expect(try gemsync(["explore", copy, "--repair", link] + device).code == 2)
    #expect(
      try gemsync(["explore", copy, "--repair", file.path, "--output", file.path] + device).code
        == 2)
    #expect(try Data(contentsOf: URL(filePath: copy)) == before)
    // A proved script has nothing to repair.
    let proved = try gemsync(["explore", litmus(good), "--repair", file.path] + device)
    #expect(proved.code == 0)
    #expect(!FileManager.default.fileExists(atPath: file.path))
  }

  @Test func repairsAreEditsInJSON() throws {
    let result = try gemsync(
      "explore", litmus(bad), "--device", "mock:panthor", "--format", "json")
    let report = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    let row = (report?["explorations"] as? [[String: Any]])?.first
    let finding = (row?["findings"] as? [[String: Any]])?.first
    let repair = finding?["repair"] as? [String: Any]
    let edit = (repair?["edits"] as? [[String: Any]])?.first
    #expect(edit?["kind"] as? String == "insert" && edit?["line"] as? Int == 10)
    #expect(edit?["action"] as? String == "sync: {bo: a, size: 4, op: flush}")
    let all = row?["combined_repair"] as? [String: Any]
    #expect(all?["is_proved"] as? Bool == true && all?["is_union"] as? Bool == true)
  }

  @Test func policiesAreWrittenAsJSON() throws {
    let result = try gemsync("policies", "--format", "json")
    #expect(result.code == 0)
    let report = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    let answers = report?["answers"] as? [[String: Any]]
    #expect((answers?.count ?? 0) >= 60)
    #expect(answers?.allSatisfy { $0["confirmed_on_mock"] as? Bool == true } == true)
  }
}
