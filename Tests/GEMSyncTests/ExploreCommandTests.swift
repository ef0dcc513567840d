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
    #expect(report?["schema_version"] as? Int == 1)
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

  @Test func policiesAreWrittenAsJSON() throws {
    let result = try gemsync("policies", "--format", "json")
    #expect(result.code == 0)
    let report = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    let answers = report?["answers"] as? [[String: Any]]
    #expect((answers?.count ?? 0) >= 60)
    #expect(answers?.allSatisfy { $0["confirmed_on_mock"] as? Bool == true } == true)
  }
}
