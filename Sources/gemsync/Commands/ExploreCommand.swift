// SPDX-License-Identifier: MIT

import ArgumentParser
import DRMDrivers
import Devices
import FoundationEssentials
import LitmusExplorer
import Policies
import Reports
import Litmus

/// The subcommand `gemsync explore`.
struct ExploreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract: "Decide whether scripts can fail, over every eviction, fill and timing of devices.",
    discussion: """
      The exploration is exact, not a sample. A proof assumes one level of cache,
      the necessary barriers, and devices without caches.

      Exit codes: 0 all proved, 1 a script can fail, 2 usage, 3 undecided at the
      bound, 77 nothing could be explored.

      Examples:
        gemsync explore flush.yaml
        gemsync explore scripts/ --device mock:panthor,coherent --format json
        gemsync explore import.yaml --device mock:panfrost --node other=mock:panthor
        gemsync explore flush.yaml --device mock:panthor --repair repaired.yaml
      """
  )

  @Argument(help: "Explore these scripts: files, '-' for stdin, or directories of *.yaml files.")
  var scripts: [String]

  @Option(
    name: .customLong("device"),
    help: ArgumentHelp(
      "Explore for the driver, coherency and policy of a device or mock; may be repeated. Without one, explore "
        + "for every driver of the script's first node.", valueName: "device"))
  var devices: [String] = []

  @Option(
    name: .customLong("node"),
    help: ArgumentHelp("Use a device for another node of the scripts.", valueName: "name=device"))
  var nodes: [String] = []

  @Option(help: "Stop as undecided after so many visits of states.")
  var bound = Explorer.Limits().visits

  @Option(help: "Show a timeline for at most so many reads that can fail.")
  var findings = Explorer.Limits().findings

  @Option(
    help: ArgumentHelp(
      "Write the script with all repairs to a file; for one script and one device.",
      valueName: "file"))
  var repair: String?

  @Flag(help: "Do not show timelines.")
  var brief = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard bound > 0 else { throw ValidationError("--bound is at least 1") }
    guard findings > 0 else { throw ValidationError("--findings is at least 1") }
  }

  func run() throws {
    var files = try ScriptFiles(scripts)
    try files.requireScript()
    let file = try output.destination(inputs: files.paths)
    let repaired = try repair.map { try OutputFile($0, inputs: files.paths) }
    try output.checkStandardOutput("--repair", is: repaired)
    let explored = try DeviceResolver().explored(devices)
    for device in explored {
      if let caveat = device.caveat { Terminal.complain("\(device.label): \(caveat)") }
    }
    let platforms = PlatformChoice(
      devices: explored,
      others: try DeviceResolver().nodes(nodes))
    var limits = Explorer.Limits()
    limits.visits = bound
    limits.findings = findings
    let explorer = Explorer(limits)
    if let repaired { try check(repaired, against: file, files, platforms) }
    Interruption.begin()
    var stream = ResultStream(output, to: file)
    var rows: [ExplorationRow] = []
    var written: Script?
    var total = 0
    for script in files.scripts where platforms.fault(for: script) == nil {
      total += platforms.choices(for: script).count
    }
    for script in files.scripts {
      do {
        if let fault = platforms.fault(for: script) {
          throw ReportError(description: "\(script.path): \(fault)")
        }
        for choice in platforms.choices(for: script) {
          Terminal.showProgress("\(rows.count + 1)/\(total) \(script.path)")
          let work = { @Sendable in try Self.row(script, choice, explorer) }
          guard let (row, repaired) = try Interruption.value(of: work) else { break }
          rows.append(row)
          written = repaired
          Terminal.showProgress("")
          stream.add(ExplorationText.lines(row, hasTimelines: !brief))
        }
      } catch {
        files.fail(error)
      }
    }
    Terminal.showProgress("")
    // An error does not lose the rows of other scripts; without any row, nothing is overwritten.
    guard !rows.isEmpty || files.failures.isEmpty else { throw files.exitCode(.success) }
    if let repaired, !Interruption.isPending, files.failures.isEmpty {
      try write(written, to: repaired)
    }
    try stream.finish(json: ExplorationReport(rows).json())
    guard !Interruption.isPending else {
      throw files.exitCode(Interruption.end(after: rows.count, of: total, "explorations"))
    }
    throw files.exitCode(ExitCode(Self.exitCode(rows)))
  }

  /// Checks that a repair is for one script and one device, in a file of its own.
  private func check(
    _ repaired: OutputFile, against report: OutputFile?, _ files: ScriptFiles,
    _ platforms: PlatformChoice
  ) throws {
    guard files.paths.count == 1, files.scripts.count == 1,
      platforms.choices(for: files.scripts[0]).count == 1
    else {
      throw ReportError(
        description: "--repair is for one script and one device: name one with --device")
    }
    if let report, repaired.isSameFile(as: report) {
      throw ReportError(description: "\(repair ?? ""): --output and --repair name one file")
    }
  }

  /// Writes a repaired script, or notes that there is none.
  private func write(_ script: Script?, to file: OutputFile) throws {
    guard let script else {
      return Terminal.note("there is no repair, and nothing was written for --repair")
    }
    try file.write(ScriptWriter(script).text)
  }

  private static func row(
    _ script: Script, _ choice: PlatformChoice.Choice, _ explorer: Explorer
  ) throws -> (row: ExplorationRow, repaired: Script?) {
    switch choice {
    case .lacking(let device, let reason):
      return (ExplorationRow(skipping: script, device: device, reason: reason), nil)
    case .platform(let device, let platform):
      let exploration = try explorer.explore(script, on: platform)
      let repairs = explorer.repairs(of: exploration, of: script, on: platform)
      let replays = exploration.findings.map { FindingReplay($0, of: script, on: platform) }
      let row = ExplorationRow(
        exploration, of: script, device: device,
        repairs: (repairs, RepairText(script, platform)), replays: replays.map { $0?.text })
      return (row, repairs.combination?.script)
    }
  }

  /// Returns 1 for any finding, else 3 for any undecided script.
  private static func exitCode(_ rows: [ExplorationRow]) -> Int32 {
    let verdicts = Set(rows.map(\.verdict))
    if verdicts.contains("finding") { return 1 }
    if verdicts.contains("undecided") { return 3 }
    return verdicts.contains("proved") ? 0 : 77
  }
}
