// SPDX-License-Identifier: MIT

import DRMDrivers
import DRM
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
        gemsync check panthor.bo_create.size_zero --trace
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

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Run the checks that submit jobs; without this, on mocks only.",
      discussion: "A real device must run them, and what jobs read is in no trace."))
  var allowJobs: Bool?

  @Flag(help: "Show every call to the kernel as it is answered, on stderr.")
  var trace = false

  func run() throws {
    try run(isRecorded: false) { $0 }
  }

  /// Runs with someone standing before the devices' kernels, who writes down the calls.
  func run(through tap: ([Selection]) throws -> [Selection]) throws {
    try run(isRecorded: true, through: tap)
  }

  private func run(
    isRecorded: Bool, through tap: ([Selection]) throws -> [Selection]
  ) throws {
    let checks = try selectChecks()
    let file = try output.destination()
    guard !list else {
      try output.write(checks.map { "\($0.id)  \($0.statement)\n" }.joined(), to: file)
      return
    }
    var selections = try tap(try devices.resolve())
    if trace { selections = LiveTrace.attach(to: selections) }
    cdrm_catch_interrupts()
    let results = try runAll(checks, on: selections, to: file, isRecorded: isRecorded)
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

  private func runAll(
    _ checks: [Check], on selections: [Selection], to file: OutputFile?, isRecorded: Bool
  ) throws -> [ResultRow] {
    var stream = ResultStream(output, to: file)
    let human = HumanReport(isColoured: stream.isColoured, isVerbose: verbose)
    var rows: [ResultRow] = []
    for device in selections.flatMap(\.devices) {
      stream.tell(human.heading(device.description))
      var position = 0
      var current: Check?
      let isFreeToRun = device.description.location == .mock && !isRecorded
      let runner = CheckRunner(
        checks, provokesWarnings: provokeWarnings, allowsJobs: allowJobs ?? isFreeToRun,
        isInterrupted: { cdrm_is_interrupted() })
      let results = runner.run(on: device) { event in
        switch event {
        case .started(let check, _):
          position += 1
          current = check
          Terminal.showProgress("\(device.description.label) \(position) \(check.id)")
          if trace { Terminal.note("# \(device.description.label) \(check.id)") }
        case .ended(let result, _):
          Terminal.showProgress("")
          stream.tell(human.lines(result, current))
        }
      }
      rows += results.map { ResultRow($0, on: device.description) }
    }
    stream.tell(human.summary(rows))
    try stream.finish(json: Report(on: selections, results: rows).json())
    return rows
  }
}
