// SPDX-License-Identifier: MIT

import DRMConformance
import Devices
import Foundation
import Reports
import Testing

@Suite struct ReportTests {
  @Test func readsWhatItWrites() throws {
    let report = try report()
    let file = NSTemporaryDirectory() + "gemsync-\(UUID().uuidString).json"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try OutputFile(file).write(report.json())
    #expect(try Report(contentsOf: file) == report)
  }

  @Test func everyRowHasEveryKey() throws {
    let text = try report().json()
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    #expect(object?["schema_version"] as? Int == 1)
    let row = (object?["results"] as? [[String: Any]])?.first
    #expect(
      row?.keys.sorted() == [
        "coherent", "device", "driver", "expected", "id", "observed", "reason", "seconds",
        "steps", "verdict",
      ])
    #expect(row?["reason"] is NSNull)
    let device = (object?["devices"] as? [[String: Any]])?.first
    #expect(
      device?.keys.sorted() == [
        "coherency_from", "coherent", "compatible", "device", "driver", "features", "kernel",
        "note",
        "page_size", "version", "where",
      ])
    #expect(text.hasSuffix("}\n"))
  }

  /// Where cores differ, maintenance steps by the smallest line, and bytes share the largest granule.
  @Test func infoShowsStepAndSharingGranule() throws {
    let selection = try DeviceResolver().resolve(DeviceSelector(parsing: "mock:panthor"))
    var device = try #require(selection.devices.first)
    device.description.maintenanceStep = 64
    device.description.lineSize = 128
    let report = try DeviceReport(device)
    #expect(report.text().contains("  cache maintenance    by 64 bytes\n"))
    #expect(
      report.text().contains("  cache sharing        none between blocks of 128 bytes\n"))
    let text = DeviceReportList(devices: [report]).json()
    #expect(text.contains("\"maintenance_step\" : 64"))
    #expect(text.contains("\"sharing_granule\" : 128"))
  }

  @Test(arguments: [
    ("", "not JSON"), ("{", "not JSON"), ("[]", "wrong value at $"),
    ("{\"schema_version\": 99}", "schema_version is 99"),
    ("{\"schema_version\": 1}", "no key 'devices' in $"),
    (
      "{\"schema_version\":1,\"devices\":[],\"ignored\":[],\"results\":[{\"id\":7}]}",
      "$.results[0].id"
    ),
  ])
  func refusesOtherFilesWithTheirPlace(_ text: String, _ part: String) throws {
    let file = NSTemporaryDirectory() + "gemsync-\(UUID().uuidString).json"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try Data(text.utf8).write(to: URL(filePath: file))
    let error = #expect(throws: ReportError.self) { try Report(contentsOf: file) }
    #expect(error?.description.hasPrefix(file) == true)
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("\n") == false)
  }

  @Test func missingFileIsNamed() {
    let error = #expect(throws: ReportError.self) { try Report(contentsOf: "/nowhere.json") }
    #expect(error?.description.hasPrefix("/nowhere.json: ") == true)
    let output = #expect(throws: ReportError.self) { try OutputFile("/nowhere/at/all") }
    #expect(output?.exitCode == 2)
  }

  @Test func deviceFilesAreNotReplaced() throws {
    let link = NSTemporaryDirectory() + "gemsync-\(UUID().uuidString)"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/null")
    defer { try? FileManager.default.removeItem(atPath: link) }
    try OutputFile(link).write("x")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "/dev/null")
    let type = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type]
    #expect(type as? FileAttributeType == .typeCharacterSpecial)
    try FileManager.default.removeItem(atPath: link)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/full")
    let full = #expect(throws: ReportError.self) { try OutputFile(link).write("x") }
    #expect(full?.exitCode == 1)
  }

  private func report() throws -> Report {
    let selection = try DeviceResolver().resolve(DeviceSelector(parsing: "mock:all"))
    let checks = CheckCatalog.matching("panthor.bo_sync")
    let rows = selection.devices.flatMap { device in
      CheckRunner(checks).run(on: device) { _ in }.map { ResultRow($0, on: device.description) }
    }
    return Report(
      devices: selection.devices.map { DeviceRow($0.description) }, ignored: [],
      results: rows.sorted { ($0.reason ?? "", $0.id) < ($1.reason ?? "", $1.id) })
  }
}
