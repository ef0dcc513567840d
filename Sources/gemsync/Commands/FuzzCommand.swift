// SPDX-License-Identifier: MIT

import ArgumentParser
import CallTrace
import DRM
import DRMDrivers
import Devices
import Fuzzing
import Reports
import TraceSessions

/// The subcommand `gemsync fuzz`.
struct FuzzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract:
      "Generate sequences of memory ioctls and compare a device with a mock call by call.",
    discussion: """
      Generates valid, nearly valid and hostile calls: several files, PRIME between them, mappings,
      bad pointers, odd sizes. Stops at the first difference and reduces the calls to the fewest that
      show it. Exit code 1 means that there was one. A seed generates the same calls everywhere.

      Examples:
        gemsync fuzz --device mock:panthor --ops 100000
        gemsync fuzz --device driver:panthor --against mock:panthor --seed 7 --ops 1000000
        gemsync fuzz --device mock:panthor --against mock:panthor,fault=sync_bound -o found.jsonl
      """)

  @Option(help: "The seed of the random source; the same seed generates the same calls.")
  var seed: UInt64 = 1

  @Option(help: "The number of calls on each device.")
  var ops = 100_000

  @Option(help: "The number of consecutive seeds among which the calls are divided.")
  var seeds = 1

  @OptionGroup var devices: DeviceOptions

  @Option(
    help: ArgumentHelp("A mock device to compare with, such as mock:panthor.", valueName: "mock"))
  var against: String?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write the fewest calls that differ to a trace; '-' is stdout, with the results on stderr.",
      valueName: "file"))
  var output: String?

  @Option(help: "The number of threads that share one mock device; only without --against.")
  var jobs = 1

  @Flag(help: "Allow a board: a driver fault may crash the whole system.")
  var allowHardware = false

  private static let mostJobs = 256

  func validate() throws {
    guard ops > 0, seeds > 0, jobs > 0 else {
      throw ValidationError("--ops, --seeds and --jobs are at least 1")
    }
    guard seeds <= ops else {
      throw ValidationError("--seeds \(seeds): there are only \(ops) calls to divide (--ops)")
    }
    guard jobs <= Self.mostJobs else {
      throw ValidationError("--jobs \(jobs): at most \(Self.mostJobs) threads")
    }
    guard jobs == 1 || against == nil else {
      throw ValidationError("--jobs and --against exclude each other")
    }
    guard output == nil || against != nil else {
      throw ValidationError("--output needs --against: without it no call can differ")
    }
  }

  func run() throws {
    try run { $0 }
  }

  /// Runs with a kernel interposed before the devices' kernels.
  func run(through tap: ([Selection]) throws -> [Selection]) throws {
    let file = try output.map { path throws(ReportError) in try OutputFile(path) }
    let mock = try against.map { text in
      guard text.hasPrefix("mock:") else {
        throw ValidationError("--against takes a mock device, not '\(text)'")
      }
      return try MockSelector(parsing: String(text.dropFirst(5)))
    }
    let selected = try tap(try devices.resolve()).flatMap(\.devices)
    Interruption.begin()
    var isSame = true
    let tested = selected.filter { !$0.isOnlyExporter(among: selected) }
    var calls = 0
    for device in tested where !Interruption.isPending {
      let result = try fuzz(device, mock)
      calls += result.coverage.calls
      guard let difference = result.difference?.1 else { continue }
      isSame = false
      guard let file, !difference.calls.isEmpty else { continue }
      let header = TraceHeader(of: device, tool: GEMSync.tool, command: ["fuzz"], time: nil)
      try file.write(Trace(header, difference.calls).text())
    }
    guard !Interruption.isPending else {
      throw Interruption.end(after: calls, of: ops * tested.count, "calls")
    }
    if !isSame { throw ExitCode(1) }
  }

  /// Fuzzes one device, and prints and returns the result.
  private func fuzz(
    _ device: DRMDevice, _ mock: MockSelector?
  ) throws(DeviceError) -> FuzzSession.Result {
    let description = device.description
    let label = description.label
    if let caveat = description.caveat { Terminal.complain("\(label): \(caveat)") }
    if description.location == .board, !allowHardware {
      throw DeviceError(
        description: "\(label) is hardware; use --allow-hardware to fuzz it", exitCode: 2)
    }
    let reference = try mock.map { mock throws(DeviceError) in
      try ReferenceMock(of: device, like: mock)
    }
    guard let world = FuzzWorld(device) else {
      throw DeviceError(
        description: "\(label): only panthor and panfrost can be fuzzed", exitCode: 2)
    }
    var makeReference: (@Sendable () -> Lockstep.Side)?
    if let mock = reference {
      makeReference = {
        Lockstep.Side(name: mock.label, kernel: mock.makeKernel(), paths: mock.paths)
      }
    }
    let session = FuzzSession(
      world, Lockstep.Side(name: label, kernel: device.kernel), against: makeReference,
      isInterrupted: { Interruption.isPending })
    let options = FuzzSession.Options(seed: seed, seeds: seeds, calls: ops, threads: jobs)
    let result = session.run(options) { seed, calls in
      Terminal.showProgress("\(label) seed \(seed): \(calls)/\(ops) calls")
    }
    Terminal.showProgress("")
    let title = "\(label): \(description.driver) \(description.version)"
    let text = result.text(title + (reference.map { " against \($0.label)" } ?? ""))
    // A trace on stdout has no other text in it.
    if output == "-" { Terminal.trace(text) } else { Terminal.say(text) }
    return result
  }
}

extension FuzzWorld {
  /// Creates a description of a device's machine; nil for a driver that cannot be fuzzed.
  fileprivate init?(_ device: DRMDevice) {
    guard let driver = device.description.knownDriver else { return nil }
    let others = device.neighbours.compactMap { other in
      other.knownDriver.map { Node(path: other.path, driver: $0) }
    }
    self.init(
      device.kernel, node: Node(path: device.path, driver: driver), others: others,
      pageSize: device.description.pageSize, runsJobs: device.description.location == .mock)
  }
}

extension DRMDevice {
  /// Whether the device has no GPU and another selected device can share BOs with it.
  fileprivate func isOnlyExporter(among devices: [DRMDevice]) -> Bool {
    !drivesGPU && devices.contains(where: \.drivesGPU)
  }

  private var drivesGPU: Bool { description.knownDriver?.drivesGPU ?? true }
}
