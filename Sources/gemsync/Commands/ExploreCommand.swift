// SPDX-License-Identifier: MIT

import ArgumentParser
import CDRM
import Devices
import LitmusExplorer
import Policies
import Reports
import Litmus

/// The subcommand `gemsync explore`.
struct ExploreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract: "Decides whether scripts go right whatever caches and devices do.",
    discussion: """
      Every eviction, fill and timing of devices is considered, none is sampled. A proof holds for one level of
      cache, barriers where they must be and devices without caches of their own.

      Exit codes: 0 all proved, 1 something can go wrong, 2 usage, 3 undecided at the bound, 77 nothing could
      be explored.

      Examples:
        gemsync explore flush.yaml
        gemsync explore scripts/ --device mock:panthor,coherent --format json
        gemsync explore import.yaml --device mock:panfrost --node other=mock:panthor
      """
  )

  @Argument(help: "Scripts, or directories of them (*.yaml).")
  var scripts: [String]

  @Option(
    name: .customLong("device"),
    help: ArgumentHelp(
      "A mock or a device whose driver, coherency and rules are meant; may be repeated. Without one, every "
        + "driver the script takes.", valueName: "device"))
  var devices: [String] = []

  @Option(
    name: .customLong("node"),
    help: ArgumentHelp("What stands for another node of the scripts.", valueName: "name=device"))
  var nodes: [String] = []

  @Option(help: "How many runs of bytes to look at before giving up.")
  var bound = Explorer.Limits().visits

  @Option(help: "Of how many reads that can go wrong to show how.")
  var findings = Explorer.Limits().findings

  @Flag(help: "Do not show what happens step by step.")
  var brief = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard bound > 0 else { throw ValidationError("--bound is at least 1") }
    guard findings > 0 else { throw ValidationError("--findings is at least 1") }
  }

  func run() throws {
    let scripts = try ScriptFiles.read(scripts)
    let file = try output.destination()
    let platforms = try PlatformChoice(devices: devices, nodes: nodes)
    var limits = Explorer.Limits()
    limits.visits = bound
    limits.findings = findings
    let explorer = Explorer(limits)
    cdrm_catch_interrupts()
    for script in scripts { try platforms.check(script) }
    var stream = ResultStream(output, to: file)
    var rows: [ExplorationRow] = []
    var failure: (any Error)?
    do {
      for script in scripts {
        for choice in platforms.choices(for: script) where !cdrm_is_interrupted() {
          Terminal.showProgress("\(script.path) \(rows.count)")
          let row = try row(script, choice, explorer)
          rows.append(row)
          Terminal.showProgress("")
          stream.tell(ExplorationText.lines(row, hasTimelines: !brief))
        }
      }
    } catch {
      Terminal.showProgress("")
      failure = error
    }
    // What was decided is kept.
    try stream.finish(json: ExplorationReport(rows).json())
    if let failure { throw failure }
    throw ExitCode(cdrm_is_interrupted() ? 1 : Self.exitCode(rows))
  }

  private func row(
    _ script: Script, _ choice: PlatformChoice.Choice, _ explorer: Explorer
  ) throws -> ExplorationRow {
    switch choice {
    case .lacking(let device, let reason):
      return ExplorationRow(skipping: script, device: device, reason: reason)
    case .platform(let device, let platform):
      let exploration = try explorer.explore(script, on: platform)
      let replays = exploration.findings.map { FindingReplay($0, of: script, on: platform) }
      return ExplorationRow(
        exploration, of: script, device: device, replays: replays.map { $0?.text })
    }
  }

  /// A finding counts most, then what is undecided.
  private static func exitCode(_ rows: [ExplorationRow]) -> Int32 {
    let verdicts = Set(rows.map(\.verdict))
    if verdicts.contains("finding") { return 1 }
    if verdicts.contains("undecided") { return 3 }
    return verdicts.contains("proved") ? 0 : 77
  }
}
