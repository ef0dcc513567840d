// SPDX-License-Identifier: MIT

import DRMConformance
import Devices
import MockDRM
import Reports
import Testing

@Suite struct HumanReportTests {
  private let plain = HumanReport(isColoured: false, isVerbose: false)

  @Test func headingDescribesTheDevice() throws {
    let selection = try DeviceResolver().resolve(DeviceSelector(parsing: "mock:panthor,minor=5"))
    let device = try #require(selection.devices.first)
    #expect(
      plain.heading(device.description)
        == "mock:panthor,minor=5: panthor 1.5.0, coherency unknown (not reported before 1.7), mock, "
        + "kernel mock 7.3, 4 KiB pages\n")
  }

  @Test func summaryCountsEveryVerdict() throws {
    let selection = try DeviceResolver().resolve(DeviceSelector(parsing: "mock:panthor"))
    let device = try #require(selection.devices.first)
    let checks = CheckCatalog.matching("panthor.bo_create")
    let runner = CheckRunner(checks)
    let rows = runner.run(on: device) { _ in }.map { ResultRow($0, on: device.description) }
    #expect(plain.summary(rows) == "12 passed, 0 failed, 2 skipped\n")
    let stopped = CheckRunner(checks, isInterrupted: { true }).run(on: device) { _ in }
    #expect(
      plain.summary(stopped.map { ResultRow($0, on: device.description) })
        == "0 passed, 0 failed, 0 skipped, 14 incomplete\n")
  }

  @Test func failureShowsBothSides() throws {
    let selection = try DeviceResolver().resolve(DeviceSelector(parsing: "mock:panthor"))
    var device = try #require(selection.devices.first)
    let check = try #require(CheckCatalog.matching("panthor.bo_create.rounds_up").first)
    // A wrong page size is a wrong expectation, so the check fails.
    device.description.pageSize = 8192
    let result = try #require(CheckRunner([check]).run(on: device) { _ in }.first)
    let text = plain.lines(result, check)
    #expect(
      text.hasPrefix("  FAIL panthor.bo_create.rounds_up: size: expected 8192, observed 4096"))
    #expect(text.contains("expected  size: 8192"))
    #expect(text.contains("observed  PANTHOR_BO_CREATE: 0 size=4096 handle=1; size: 4096"))
    #expect(!text.contains("\u{1b}"))
    #expect(
      HumanReport(isColoured: true, isVerbose: false).lines(result, check).contains("\u{1b}[31"))
  }
}
