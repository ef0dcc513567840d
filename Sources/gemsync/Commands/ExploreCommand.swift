// SPDX-License-Identifier: MIT

import ArgumentParser
import CDRM
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

  @Argument(help: "Explore these scripts: files, or directories of *.yaml files.")
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
    let scripts = try ScriptFiles.read(scripts)
    let file = try output.destination()
    let repaired = try repair.map { try OutputFile($0) }
    let platforms = PlatformChoice(
      devices: try DeviceResolver().descriptions(of: devices),
      others: try DeviceResolver().nodes(nodes))
    var limits = Explorer.Limits()
    limits.visits = bound
    limits.findings = findings
    let explorer = Explorer(limits)
    cdrm_catch_interrupts()
    if let repair { try check(repair, scripts, platforms) }
    for script in scripts {
      guard let fault = platforms.fault(for: script) else { continue }
      throw ReportError(description: "\(script.path): \(fault)")
    }
    var stream = ResultStream(output, to: file)
    var rows: [ExplorationRow] = []
    var failure: (any Error)?
    var written: Script?
    do {
      for script in scripts {
        for choice in platforms.choices(for: script) where !cdrm_is_interrupted() {
          Terminal.showProgress("\(script.path) \(rows.count)")
          let (row, repaired) = try row(script, choice, explorer)
          rows.append(row)
          written = repaired
          Terminal.showProgress("")
          stream.add(ExplorationText.lines(row, hasTimelines: !brief))
        }
      }
    } catch {
      Terminal.showProgress("")
      failure = error
    }
    if let repaired, failure == nil {
      do {
        try write(written, to: repaired)
      } catch {
        failure = error
      }
    }
    // An error does not lose the rows before it.
    try stream.finish(json: ExplorationReport(rows).json())
    if let failure { throw failure }
    throw ExitCode(cdrm_is_interrupted() ? 1 : Self.exitCode(rows))
  }

  /// Checks that a repair is for one script and one device, and does not replace what the command reads.
  private func check(_ repair: String, _ scripts: [Script], _ platforms: PlatformChoice) throws {
    guard scripts.count == 1, platforms.choices(for: scripts[0]).count == 1 else {
      throw ReportError(
        description: "--repair is for one script and one device: name one with --device")
    }
    guard !Self.isSameFile(repair, scripts[0].path) else {
      throw ReportError(
        description: "\(repair): this is the script itself; choose another file for --repair")
    }
    if let output = output.output, Self.isSameFile(repair, output) {
      throw ReportError(description: "\(repair): --output and --repair name one file")
    }
  }

  private static func isSameFile(_ one: String, _ other: String) -> Bool {
    let paths = [one, other].map {
      URL(filePath: $0).standardizedFileURL.resolvingSymlinksInPath().path
    }
    let files = paths.map { path in
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      return (attributes?[.systemFileNumber] as? UInt64, attributes?[.systemNumber] as? UInt64)
    }
    return paths[0] == paths[1] || files[0].0 != nil && files[0] == files[1]
  }

  /// Writes a repaired script, or notes that there is none.
  private func write(_ script: Script?, to file: OutputFile) throws {
    guard let script else {
      return Terminal.note("there is no repair, and nothing was written for --repair")
    }
    try file.write(ScriptWriter(script).text)
  }

  private func row(
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
