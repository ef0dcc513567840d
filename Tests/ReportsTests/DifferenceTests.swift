// SPDX-License-Identifier: MIT

import DRMConformance
import Foundation
import Reports
import Testing

@Suite struct DifferenceTests {
  @Test func timesNamesAndReasonsAreNotCompared() throws {
    let a = try report([row(seconds: 1, device: "a", reason: "x")])
    let b = try report([row(seconds: 2, device: "b", reason: "y")])
    #expect(a.differences(from: b).isEmpty)
  }

  @Test func verdictsAndObservationsAreCompared() throws {
    let one = try report([row(observed: ["BO_SYNC: 0"])])
    #expect(
      texts(one, try report([row(verdict: "fail", observed: ["BO_SYNC: 0"])])) == [
        "x.y (panthor, non-coherent): verdict pass | fail"
      ])
    #expect(
      texts(one, try report([row(observed: ["BO_SYNC: EINVAL", "more: 1"])])) == [
        "x.y (panthor, non-coherent): observed BO_SYNC: 0 | BO_SYNC: EINVAL",
        "x.y (panthor, non-coherent): observed nothing | more: 1",
      ])
  }

  @Test func rowsOfOneReportAreDifferences() throws {
    let both = try report([row(), row(coherent: "true")])
    let one = try report([row()])
    #expect(texts(both, one) == ["x.y (panthor, coherent): only in the first report"])
    #expect(texts(one, both) == ["x.y (panthor, coherent): only in the second report"])
  }

  @Test func devicesOfOneKindPairInOrder() throws {
    let two = try report([
      row(coherent: "null", observed: ["a"]), row(coherent: "null", observed: ["b"]),
    ])
    #expect(two.differences(from: two).isEmpty)
    let swapped = try report([
      row(coherent: "null", observed: ["b"]), row(coherent: "null", observed: ["a"]),
    ])
    #expect(two.differences(from: swapped).count == 2)
    #expect(two.differences(from: try report([row(coherent: "null", observed: ["a"])])).count == 1)
  }

  private func texts(_ a: Report, _ b: Report) -> [String] {
    a.differences(from: b).map(\.description)
  }

  private func row(
    verdict: String = "pass", coherent: String = "false", observed: [String] = [],
    seconds: Int = 0, device: String = "d", reason: String = ""
  ) -> String {
    """
    {"id":"x.y","device":"\(device)","driver":"panthor","coherent":\(coherent),"expected":[],
     "verdict":"\(verdict)","observed":\(observed),"seconds":\(seconds),"reason":"\(reason)"}
    """
  }

  private func report(_ rows: [String]) throws -> Report {
    let text =
      "{\"schema_version\":1,\"devices\":[],\"ignored\":[],\"results\":["
      + rows.joined(separator: ",") + "]}"
    return try JSONDecoder().decode(Report.self, from: Data(text.utf8))
  }
}
