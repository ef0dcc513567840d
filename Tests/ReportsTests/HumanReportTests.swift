// SPDX-License-Identifier: MIT

import DRMConformance
import DRMDrivers
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
    #expect(
      plain.summary(rows, .milliseconds(1260)) == "12 passed, 0 failed, 2 skipped in 1.3 s\n")
    let stopped = CheckRunner(checks, isInterrupted: { true })
    #expect(stopped.run(on: device) { _ in }.isEmpty)
    #expect(stopped.checks(for: device).count == 14)
    #expect(
      plain.summary([], missing: 14, .zero)
        == "0 passed, 0 failed, 0 skipped, 14 not run in 0.0 s\n")
  }

  /// Results that are skipped for one reason share a line, unless everything is listed.
  @Test func skipsAreFoldedByReason() {
    let results = [("a", "x"), ("b", "y"), ("c", "x")].map { id, reason in
      Self.row(CheckResult(id: id, verdict: .skip, reason: reason))
    }
    #expect(plain.skips(results) == "  2 skipped: x\n  skip b: y\n")
    #expect(
      HumanReport(isColoured: false, isVerbose: true).skips(results)
        == "  skip a: x\n  skip b: y\n  skip c: x\n")
  }

  /// No text of a device, a script or a check reaches the terminal as a control.
  @Test func textsAreEscaped() {
    let hostile = "a\u{1b}[2J\n  FAIL b: \u{9b}1m\u{202e}\u{200b}"
    let escaped = "a\\x1b[2J\\n  FAIL b: \\x9b1m\\u202e\\u200b"
    let device = DeviceDescription(
      label: hostile, driver: hostile, version: hostile, coherencyOrigin: hostile, kernel: hostile,
      caveat: hostile)
    let heading = plain.heading(device)
    #expect(heading.split(separator: "\n").count == 2 && !heading.contains("\u{1b}"))
    #expect(heading.hasSuffix("  note: \(escaped)\n"))
    let failed = CheckResult(
      id: hostile, verdict: .fail, expected: [hostile], observed: [hostile], reason: hostile)
    #expect(
      plain.lines(Self.row(failed), statement: hostile)
        == "  FAIL \(escaped): \(escaped)\n       \(escaped)\n       expected  \(escaped)\n"
        + "       observed  \(escaped)\n")
  }

  @Test func failureShowsBothSides() throws {
    let selection = try DeviceResolver().resolve(DeviceSelector(parsing: "mock:panthor"))
    var device = try #require(selection.devices.first)
    let check = try #require(CheckCatalog.matching("panthor.bo_create.rounds_up").first)
    // A wrong page size is a wrong expectation, so the check fails.
    device.description.pageSize = 8192
    let result = try #require(CheckRunner([check]).run(on: device) { _ in }.first)
    let row = Self.row(result)
    let text = plain.lines(row, statement: check.statement)
    #expect(
      text.hasPrefix("  FAIL panthor.bo_create.rounds_up: size: expected 8192, observed 4096"))
    #expect(text.contains("expected  size: 8192"))
    #expect(text.contains("observed  PANTHOR_BO_CREATE: 0 size=4096 handle=1; size: 4096"))
    #expect(!text.contains("\u{1b}"))
    #expect(
      HumanReport(isColoured: true, isVerbose: false).lines(row, statement: "")
        .contains("\u{1b}[31"))
  }

  @Test func aFlakyResultIsListed() {
    let row = Self.row(CheckResult(id: "a", verdict: .pass, reason: nil))
    #expect(plain.lines(row, statement: "").isEmpty)
    let flaky = row.retried(3, after: "it crashed")
    #expect(
      plain.lines(flaky, statement: "")
        == "  pass a: flaky: failed 2 of 3 attempts: it crashed\n")
    #expect(
      plain.summary([row, flaky], .zero) == "2 passed, 0 failed, 0 skipped, 1 flaky in 0.0 s\n")
    let failed = row.judged(.fail, "x").retried(2, after: "y")
    #expect(!failed.isFlaky && failed.attempts == 2 && failed.reason == "x")
  }

  private static func row(_ result: CheckResult) -> ResultRow {
    ResultRow(result, on: DeviceDescription(label: "mock:panthor", driver: "panthor"))
  }
}
