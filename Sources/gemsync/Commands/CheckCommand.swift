// SPDX-License-Identifier: MIT

import ArgumentParser
import CDRM
import DRMConformance
import Devices
import Reports

/// The subcommand `gemsync check`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Runs checks of the memory uAPI on devices.",
    discussion: """
      Examples:
        gemsync check
        gemsync check panthor.bo_sync 'core.*close*' --device mock:all
        gemsync check --device all --format json --output board.json
      """
  )

  @Argument(
    help: "Ids, prefixes of whole parts, or patterns with *; all checks where none is given."
  )
  var patterns: [String] = []

  @OptionGroup var devices: DeviceOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "List the checks that match, and run nothing.")
  var list = false

  @Flag(help: "List passed checks too.")
  var verbose = false

  @Flag(help: "Run checks that make the kernel print a WARN, which taints it.")
  var provokeWarnings = false

  func run() throws {
    let checks = try selectChecks()
    guard !list else {
      try output.write(checks.map { "\($0.id)  \($0.statement)\n" }.joined())
      return
    }
    let selections = try devices.resolve()
    cdrm_catch_interrupts()
    let results = try runAll(checks, on: selections)
    throw ExitCode(results.exitCode)
  }

  private func selectChecks() throws -> [Check] {
    guard !patterns.isEmpty else { return CheckCatalog.all }
    var wanted: Set<String> = []
    for pattern in patterns {
      let matching = CheckCatalog.matching(pattern)
      guard !matching.isEmpty else {
        throw ValidationError("no check matches '\(pattern)'; 'gemsync check --list' lists them")
      }
      wanted.formUnion(matching.map(\.id))
    }
    return CheckCatalog.all.filter { wanted.contains($0.id) }
  }

  private func runAll(_ checks: [Check], on selections: [Selection]) throws -> [ResultRow] {
    let runner = CheckRunner(
      checks,
      provokesWarnings: provokeWarnings,
      isInterrupted: { cdrm_is_interrupted() }
    )
    let human = HumanReport(
      isColoured: Terminal.isColoured && output.output == nil,
      isVerbose: verbose
    )
    let devices = selections.flatMap(\.devices)
    var rows: [ResultRow] = []
    var text = ""
    for device in devices {
      text += human.heading(device.description)
      let checked = CheckedDevice(
        label: device.description.label,
        path: device.path, driver: device.description.driver,
        kernel: device.kernel,
        pageSize: UInt64(device.description.pageSize), otherPath: device.otherPath
      )
      var position = 0
      var current: Check?
      let results = runner.run(on: checked) { event in
        switch event {
        case .started(let check, _):
          position += 1
          current = check
          Terminal.showProgress("\(checked.label) \(position)/\(checks.count) \(check.id)")
        case .ended(let result, _):
          text += human.lines(result, current)
        }
      }
      Terminal.showProgress("")
      rows += results.map { ResultRow($0, on: device.description) }
    }
    switch output.format {
    case .human: try output.write(text + human.summary(rows))
    case .json:
      let report = Report(
        devices: devices.map { DeviceRow($0.description) },
        ignored: selections.flatMap(\.ignored).map(IgnoredRow.init),
        results: rows
      )
      try output.write(report.json())
    }
    return rows
  }
}

extension [ResultRow] {
  /// 1 where anything did not pass, 77 where everything was skipped, else 0.
  fileprivate var exitCode: Int32 {
    if contains(where: { $0.verdict != .pass && $0.verdict != .skip }) { return 1 }
    return contains { $0.verdict == .pass } ? 0 : 77
  }
}
