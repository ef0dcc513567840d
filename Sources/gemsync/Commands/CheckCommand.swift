// SPDX-License-Identifier: MIT

import DRMDrivers
import DRM
import ArgumentParser
import DRMConformance
import Devices
import Reports

/// The subcommand `gemsync check`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check the memory uAPI of devices.",
    discussion: """
      Examples:
        gemsync check
        gemsync check panthor.bo_sync 'core.*close*' --device mock:all
        gemsync check --list panthor.bo_create
        gemsync check --device all --format json --output board.json
        gemsync check panthor.maintenance --device mock:panthor --repeat 100
        gemsync check panthor.bo_create.size_zero --trace
      """
  )

  @Argument(
    help:
      "Run the checks with these ids: whole ids, leading parts of them, or patterns with *. Without any, run all."
  )
  var patterns: [String] = []

  @OptionGroup var devices: DeviceOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "List the selected checks, with --device those for its driver, and run nothing.")
  var list = false

  @Option(name: .customLong("repeat"), help: "Run all selected checks so many times.")
  var rounds = 1

  @Flag(help: "List passed checks too.")
  var verbose = false

  @Flag(help: "Run the checks that make the kernel print a WARN; this taints the kernel.")
  var provokeWarnings = false

  @Flag(
    inversion: .prefixedNo, exclusivity: .exclusive,
    help: ArgumentHelp(
      "Run the checks that submit jobs; the default is to run them on mocks only.",
      discussion:
        "The GPU of a real device must run the jobs. A trace does not have what jobs read."))
  var allowJobs: Bool?

  @Flag(help: "Print every call to the kernel to stderr before it is made, and then its result.")
  var trace = false

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--repeat is at least 1") }
  }

  func run() throws {
    try run(isRecorded: false) { $0 }
  }

  /// Runs with interposed kernels that record the calls.
  func run(through tap: ([Selection]) throws -> [Selection]) throws {
    try run(isRecorded: true, through: tap)
  }

  private func run(
    isRecorded: Bool, through tap: ([Selection]) throws -> [Selection]
  ) throws {
    let checks = try selectChecks()
    let file = try output.destination()
    guard !list else { return try listChecks(checks, to: file) }
    var selections = try tap(try devices.resolve())
    if trace { selections = LiveTrace.attach(to: selections) }
    Interruption.begin()
    throw try runAll(checks, on: selections, to: file, isRecorded: isRecorded)
  }

  private func listChecks(_ checks: [Check], to file: OutputFile?) throws {
    var listed = checks
    if !devices.devices.isEmpty || devices.requireHardware {
      let runner = CheckRunner(checks)
      let ids = try devices.resolve().flatMap(\.devices)
        .reduce(into: Set<String>()) { $0.formUnion(runner.checks(for: $1).map(\.id)) }
      listed = checks.filter { ids.contains($0.id) }
    }
    switch output.format {
    case .human:
      try output.write(listed.map { "\($0.id)  \($0.statement)\n" }.joined(), to: file)
    case .json: try output.write(CheckList(listed).json(), to: file)
    }
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
  ) throws -> ExitCode {
    var report = ReportStream(
      of: rounds > 1 ? "runs" : "checks", on: selections, output, to: file, isVerbose: verbose)
    for device in selections.flatMap(\.devices) {
      let isMock = device.description.location == .mock
      let runner = CheckRunner(
        Array(repeatElement(checks, count: rounds).joined()), provokesWarnings: provokeWarnings,
        allowsJobs: allowJobs ?? (isMock && !isRecorded),
        isInterrupted: { Interruption.isPending })
      report.start(device, count: runner.checks(for: device).count)
      let label = device.description.label
      var statement = ""
      _ = runner.run(on: device) { event in
        switch event {
        case .started(let check, _):
          statement = check.statement
          report.begin(check.id)
          if trace { Terminal.note("# \(label) \(check.id)") }
        case .ended(let result, _): report.add(result, on: device, statement: statement)
        }
      }
    }
    return try report.finish()
  }
}
