// SPDX-License-Identifier: MIT

import ArgumentParser
import DRM
import DRMConformance
import DRMDrivers
import Devices
import Reports
import Runs

/// The options that choose among checks or scripts, and their order.
struct SelectionOptions: ParsableArguments {
  @Option(
    name: [.customShort("k"), .long],
    help: ArgumentHelp(
      "Run only what has this text in its name; may be repeated.", valueName: "text"))
  var keyword: [String] = []

  @Option(
    help: ArgumentHelp(
      "Leave out what has this id, begins with it, or matches it as a pattern with *; may be repeated.",
      valueName: "pattern"))
  var exclude: [String] = []

  @Option(
    help: ArgumentHelp(
      "Run only what a file names: one name or pattern in each line, # begins a comment.",
      valueName: "file"))
  var testList: String?

  @Option(
    help: ArgumentHelp(
      "Run only what failed in a report, which --format json wrote, or in the folder of --result.",
      valueName: "report"))
  var rerunFailed: String?

  @Option(name: .customLong("repeat"), help: "Run everything so many times.")
  var rounds = 1

  @Option(
    help: ArgumentHelp(
      "Run in random order; the same seed gives the same order.", valueName: "seed"))
  var shuffle: UInt64?

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--repeat is at least 1") }
  }

  /// Whether no option is given.
  var isDefault: Bool {
    keyword.isEmpty && exclude.isEmpty && testList == nil && rerunFailed == nil && rounds == 1
      && shuffle == nil
  }

  /// The files that the options name.
  var inputs: [String] {
    [testList, rerunFailed].compactMap(\.self) + FolderOptions.files(of: rerunFailed)
  }

  /// Returns the checks that the options choose, where they choose by the id alone.
  func chosen(of checks: [Check]) throws(ReportError) -> [Check] {
    let listed = try readTestList()
    return checks.filter { isChosen($0.id, of: listed, name: $0.id) }
  }

  private func readTestList() throws(ReportError) -> TestList? {
    try testList.map { path throws(ReportError) in try TestList(contentsOf: path) }
  }

  /// Whether the options choose an item by its id and its name, which is the path of a script.
  private func isChosen(_ id: String, of listed: TestList?, name: String) -> Bool {
    (keyword.isEmpty || keyword.contains { id.contains($0) || name.contains($0) })
      && !exclude.contains { NamePattern($0).matches(id) || $0 == name }
      && listed?.contains(id) != false
  }

  /// Returns the plan of a run.
  ///
  /// - Parameters:
  ///   - names: the names of items, with the ids of their results, for each device.
  func plan(
    of names: [[(name: String, id: String)]], on selections: [Selection], work: Work,
    policy: RunPolicy, isIsolated: Bool, isKept: Bool
  ) throws -> Plan {
    let devices = selections.flatMap(\.devices)
    let listed = try readTestList()
    try listed?.check(names.flatMap { $0 }.map(\.id))
    let failed = try rerunFailed.map { try FailedRows(contentsOf: $0) }
    var items: [Plan.Item] = []
    let most =
      (isKept ? Plan.mostItemsInFolder : Plan.mostItems) / max(1, names.flatMap { $0 }.count)
    guard rounds <= max(1, most) else {
      throw ReportError(description: "--repeat \(rounds): at most \(most) for so many items")
    }
    for pattern in exclude
    where !names.joined().contains(where: {
      NamePattern(pattern).matches($0.id) || $0.name == pattern
    }) { Terminal.complain("--exclude \(pattern) leaves out nothing") }
    for (index, device) in devices.enumerated() {
      let chosen = names[index].filter { item in
        isChosen(item.id, of: listed, name: item.name)
          && failed?.contains(item.id, on: device.description) != false
      }.map(\.name)
      items += Plan.items(
        chosen, on: index, rounds: rounds, shuffledBy: shuffle, after: items.count)
    }
    guard !items.isEmpty else {
      throw ReportError(description: "the selection leaves nothing to run")
    }
    return Plan(
      tool: GEMSync.tool, command: Array(CommandLine.arguments.dropFirst()),
      on: selections, work: work, policy: policy, isIsolated: isIsolated, items: items)
  }
}
