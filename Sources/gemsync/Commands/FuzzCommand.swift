// SPDX-License-Identifier: MIT

import ArgumentParser
import CDRM
import DRM
import DRMDrivers
import Devices
import Fuzzing
import Reports
import CallTrace

/// The subcommand `gemsync fuzz`.
struct FuzzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract:
      "Makes up sequences of memory ioctls, and compares a device with a mock call by call.",
    discussion: """
      Valid, nearly valid and hostile calls: several files, PRIME between them, mappings, bad pointers,
      odd sizes; no jobs. It stops at the first difference and shrinks it to the fewest calls that show
      it. Exit code 1 means that there was one. A seed makes up the same calls everywhere.

      Examples:
        gemsync fuzz --device mock:panthor --ops 100000
        gemsync fuzz --device driver:panthor --against mock:panthor --seed 7 --ops 1000000
        gemsync fuzz --device mock:panthor --against mock:panthor,break=sync_bound -o found.jsonl
      """)

  @Option(help: "What the calls are made up from; the same seed makes up the same calls.")
  var seed: UInt64 = 1

  @Option(help: "How many calls to make for each device.")
  var ops = 100_000

  @Option(help: "Divide the calls among so many seeds, from the first one on.")
  var seeds = 1

  @OptionGroup var devices: DeviceOptions

  @Option(
    help: ArgumentHelp("A mock device to compare with, such as mock:panthor.", valueName: "mock"))
  var against: String?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Write the fewest calls that differ as a trace.", valueName: "file"))
  var output: String?

  @Option(help: "How many threads share one mock device; only without --against.")
  var jobs = 1

  @Flag(help: "Allow a board: a driver that breaks may take the whole system with it.")
  var allowHardware = false

  func validate() throws {
    guard ops > 0, seeds > 0, jobs > 0 else {
      throw ValidationError("--ops, --seeds and --jobs are at least 1")
    }
    guard jobs == 1 || against == nil else {
      throw ValidationError("--jobs and --against exclude each other")
    }
  }

  func run() throws {
    try run { $0 }
  }

  /// Runs with someone standing before the devices' kernels.
  func run(through tap: ([Selection]) throws -> [Selection]) throws {
    let file = try output.map { path throws(ReportError) in try OutputFile(path) }
    let mock = try against.map { text in
      guard text.hasPrefix("mock:") else {
        throw ValidationError("--against takes a mock device, not '\(text)'")
      }
      return try MockSelector(parsing: String(text.dropFirst(5)))
    }
    let selected = try tap(try devices.resolve()).flatMap(\.devices)
    cdrm_catch_interrupts()
    var isSame = true
    for device in selected where !device.isBystander(of: selected) {
      if device.description.location == .board, !allowHardware {
        throw DeviceError(
          description: "\(device.description.label) is hardware; --allow-hardware fuzzes it",
          exitCode: 2)
      }
      let twin = try mock.map { mock throws(DeviceError) in
        try ReferenceMock(of: device, like: mock)
      }
      let run = try FuzzRun(self, on: device, twin)
      guard let difference = try run.run() else { continue }
      isSame = false
      if let file, !difference.calls.isEmpty { try file.write(run.trace(of: difference).text()) }
    }
    if !isSame { throw ExitCode(1) }
  }
}

extension DRMDevice {
  private var drivesGPU: Bool { description.knownDriver?.drivesGPU ?? false }

  /// Whether a device without a GPU is there only for others to share BOs with.
  fileprivate func isBystander(of devices: [DRMDevice]) -> Bool {
    !drivesGPU && devices.contains(where: \.drivesGPU)
  }
}
