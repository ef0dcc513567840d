// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CallTrace
internal import DRM
internal import DRMConformance
internal import DRMKernel
internal import Devices
internal import Foundation
internal import Litmus
internal import LitmusExplorer
internal import LitmusRunner
internal import Reports
internal import TraceSessions

/// A kind of input: what reads it, and what is done with what was read.
enum ReaderKind: String, CaseIterable, ExpressibleByArgument, Sendable {
  case script, trace, schedule, report, device

  /// The valid inputs to change.
  ///
  /// - Parameter tests: the folder with `Litmus` and `Traces`.
  func seeds(_ tests: String) throws -> [[UInt8]] {
    switch self {
    case .script: try SeedFiles.scripts(tests)
    case .trace: try SeedFiles.traces(tests)
    case .schedule: try SeedFiles.schedules().map { Array($0.utf8) }
    case .report: try SeedFiles.reports().map { Array($0.utf8) }
    case .device: SeedFiles.devices.map { Array($0.utf8) }
    }
  }

  /// Reads an input and uses it; errors that are thrown are correct answers.
  ///
  /// - Parameter path: the file with the text.
  func use(_ text: [UInt8], at path: String) {
    switch self {
    case .script: useScripts((try? ScriptFiles([path]))?.scripts ?? [])
    case .trace: try? useTrace(text)
    case .schedule: try? useSchedule(path)
    case .report: try? useReport(path)
    case .device: useDevice(String(decoding: text, as: UTF8.self))
    }
  }

  /// The arguments of `gemsync` that use a file; a device is an argument itself.
  func commands(_ text: [UInt8], at path: String, beside script: String) -> [[String]] {
    switch self {
    case .script:
      [
        ["run", path, "--device", "mock:panthor", "--device", "mock:panfrost"],
        ["explore", path, "--bound", "200000"],
      ]
    case .trace: [["replay", path]]
    case .schedule:
      [["run", script, "--device", "mock:panthor,fill=never", "--schedule", path]]
    case .report: [["diff", path, path]]
    case .device:
      [["info", "--device=\(Self.argument(text))"]]
    }
  }

  /// A text as an argument can be: without NUL, and no longer than Linux takes.
  private static func argument(_ text: [UInt8]) -> String {
    String(decoding: text.filter { $0 != 0 }.prefix(30_000), as: UTF8.self)
  }

  private func useScripts(_ scripts: [Script]) {
    var limits = Explorer.Limits()
    (limits.visits, limits.findings, limits.adviceVisits) = (200_000, 2, 20_000)
    for script in scripts {
      let choices = PlatformChoice(devices: [], others: [:]).choices(for: script)
      for case .platform(let name, let platform) in choices {
        guard let exploration = try? Explorer(limits).explore(script, on: platform) else {
          continue
        }
        let row = ExplorationRow(exploration, of: script, device: name)
        _ = ExplorationText.lines(row)
      }
      for device in Self.mocks(["mock:panthor", "mock:panfrost"]) {
        _ = ScriptRun(script, nil, by: ScriptRunner(ScriptMachine(device, jobs: .either)))
      }
    }
  }

  private func useTrace(_ text: [UInt8]) throws {
    let trace = try Trace(parsing: text, named: "t")
    let stage = try ReplayStage(for: trace, in: "t", on: [])
    let player = CallPlayer(stage.kernel, nodes: stage.nodes)
    defer { player.end() }
    var replay = Replay(player)
    for (index, call) in trace.calls.enumerated() {
      guard let difference = replay.play(call, index: index) else { continue }
      _ = "\(difference.recorded)\(difference.replayed)".printable
    }
  }

  private func useSchedule(_ path: String) throws {
    let script = try SeedFiles.scheduledScript()
    let schedule = try ScheduleFile(contentsOf: path).schedule(for: script, in: path)
    for device in Self.mocks(["mock:panthor,fill=never"]) {
      _ = ScriptRun(script, schedule, by: ScriptRunner(ScriptMachine(device, jobs: .modelled)))
    }
  }

  private func useReport(_ path: String) throws {
    let report = try Report(contentsOf: path)
    for other in try SeedFiles.reports() {
      let other = try JSONDecoder().decode(Report.self, from: Data(other.utf8))
      _ = report.differences(from: other).map { "\($0)".printable }
    }
    _ = report.differences(from: report)
    _ = report.json()
  }

  // It reads the machine once.
  private static let resolver = DeviceResolver()

  private func useDevice(_ text: String) {
    _ = try? Self.resolver.explored([text])
    _ = try? Self.resolver.nodes(["a=\(text)"])
    _ = text.printable
    for device in Self.mocks([text, "mock:vgem"]) { _ = try? DeviceReport(device).text() }
  }

  /// The mocks that texts name; none where a text names something else.
  private static func mocks(_ texts: [String]) -> [DRMDevice] {
    guard let selectors = try? DeviceSelector.list(parsing: texts) else { return [] }
    return selectors.flatMap { selector -> [DRMDevice] in
      guard case .mock = selector else { return [] }
      return (try? resolver.resolve(selector).devices) ?? []
    }
  }
}
