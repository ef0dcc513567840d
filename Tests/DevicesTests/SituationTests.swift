// SPDX-License-Identifier: MIT

import DRMKernel
import Devices
import Foundation
import MockDRM
import Reports
import Testing

/// A machine of `Tests/DevicesTests/Machines`, with what the commands say of it in its comments.
struct Situation: CustomTestStringConvertible, Sendable {
  let name: String
  let text: String

  var testDescription: String { name }

  static let directory = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Machines")

  static func all() throws -> [Situation] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
      .filter { $0.hasSuffix(".txt") }.map { name in
        let text = try String(contentsOf: directory.appending(path: name), encoding: .utf8)
        return Situation(name: String(name.dropLast(4)), text: text)
      }
  }

  func machine() throws -> Machine { Machine(try MachineRecord(collection: text)) }

  /// The values of the comments `# KEY: VALUE`.
  func expected(_ key: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      line.hasPrefix("# \(key): ") ? String(line.dropFirst(key.count + 4)) : nil
    }
  }
}

@Suite struct SituationTests {
  @Test func thereAreEnough() throws {
    let situations = try Situation.all()
    #expect(situations.count >= 120)
    let states = try Set(situations.flatMap { try $0.machine().devices.map(\.state) })
    #expect(states == Set(MachineDevice.State.allCases))
  }

  @Test(arguments: try Situation.all())
  func listDoctorAndCheckSayWhatIsWrong(_ situation: Situation) throws {
    let report = MachineReport(try situation.machine())
    #expect(report.list.split(separator: "\n").map(String.init) == situation.expected("list"))
    #expect(
      report.devices.filter { $0.kind != .exporter }.map(\.state.rawValue)
        == situation.expected("state"))
    #expect(["\(report.exitCode)"] == situation.expected("exit"))
    #expect(try [choice(of: situation)] == situation.expected("check"))
    for seen in situation.expected("seen") {
      #expect(
        report.devices.contains { $0.evidence.contains { "\($0.source): \($0.text)" == seen } },
        "seen: \(seen)")
    }
    for advice in situation.expected("try") {
      #expect(report.devices.contains { $0.advice.contains(advice) }, "try: \(advice)")
    }
    for device in report.devices where device.state != .usable {
      #expect(!device.reason.isEmpty && !device.summary.isEmpty)
      #expect(!device.evidence.isEmpty || device.kind != .mali)
    }
    for text in [report.list, report.paragraphs] {
      #expect(
        text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
    }
  }

  /// What a command without `--device` says on a kernel without any node.
  private func choice(of situation: Situation) throws -> String {
    let machine = try situation.machine()
    if case .node(let path) = machine.choice { return "uses \(path)" }
    let resolver = DeviceResolver(kernel: .substitute(MockKernel([])), machine: machine)
    do throws(DeviceError) {
      return try resolver.resolve(.automatic).notice ?? ""
    } catch {
      #expect(error.exitCode == 1)
      return error.description
    }
  }

  /// What is collected and read again is the same machine.
  @Test(arguments: try Situation.all())
  func collectionsAreReadAgain(_ situation: Situation) throws {
    let record = try situation.machine().record
    let again = try MachineRecord(collection: record.collection)
    #expect(again == record && again.collection == record.collection)
  }
}
