// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import Devices
import Fuzzing
import Tracing

/// The fuzzing of one device, with what is said about it.
struct FuzzRun {
  private let options: FuzzCommand
  private let device: SelectedDevice
  private let twin: MockTwin?
  private let world: FuzzWorld

  init(
    _ options: FuzzCommand, on device: SelectedDevice, _ twin: MockTwin?
  ) throws(DeviceError) {
    self.options = options
    self.device = device
    self.twin = twin
    world = try FuzzWorld(device)
  }

  /// Makes the calls, prints what came of them, and answers whether there was no difference.
  func run() throws(DeviceError) -> Bool {
    var coverage = FuzzCoverage()
    for index in 0..<UInt64(options.seeds) where !cdrm_is_interrupted() {
      let seed = options.seed &+ index
      let share = options.ops / options.seeds
      let calls = index == 0 ? options.ops - share * (options.seeds - 1) : share
      if let difference = run(seed: seed, calls: calls, &coverage) {
        Terminal.say(heading(coverage) + "difference with seed \(seed):\n")
        for (number, recorded) in difference.calls.enumerated() {
          Terminal.say("  \(number + 1). \(recorded)\n")
        }
        Terminal.say("  \(difference.description)\n")
        return false
      }
    }
    Terminal.say(heading(coverage) + coverage.table())
    guard coverage.calls > 0 else {
      throw DeviceError(description: "interrupted before any call was made", exitCode: 1)
    }
    return true
  }

  private func run(
    seed: UInt64, calls: Int, _ coverage: inout FuzzCoverage
  ) -> Lockstep.Difference? {
    let label = device.description.label
    let first = Lockstep.Side(name: label, kernel: device.kernel)
    let second = twin.map { twin in
      { Lockstep.Side(name: twin.label, kernel: twin.makeKernel(), paths: twin.paths) }
    }
    defer { Terminal.showProgress("") }
    return Lockstep(world, first, against: second).run(
      seed: seed, calls: calls, coverage: &coverage, isInterrupted: { cdrm_is_interrupted() }
    ) { done in
      Terminal.showProgress("\(label) seed \(seed): \(done) calls")
    }
  }

  private func heading(_ coverage: FuzzCoverage) -> String {
    let percent = { (part: Int) in part * 100 / max(coverage.calls, 1) }
    let description = device.description
    return
      "\(description.label): \(description.driver) \(description.version)"
      + (twin.map { " against \($0.label)" } ?? "")
      + ": \(coverage.calls) calls, \(percent(coverage.successes)) % successes, "
      + "\(percent(coverage.busyCalls)) % with 2 files and 8 BOs alive\n"
  }
}

extension FuzzWorld {
  /// What can be called in the machine a device is in.
  init(_ device: SelectedDevice) throws(DeviceError) {
    let description = device.description
    guard let driver = IoctlDriver(rawValue: description.driver),
      driver == .panthor || driver == .panfrost
    else {
      throw DeviceError(
        description: "\(description.label): only panthor and panfrost are fuzzed", exitCode: 2)
    }
    let entry = device.kernel.devices()
      .first { $0.renderNode == device.path || $0.primaryNode == device.path }
    let udmabuf = device.kernel.open("/dev/udmabuf", flags: 2)
    if udmabuf >= 0 { _ = device.kernel.close(udmabuf) }
    self.init(
      driver: driver, node: device.path, primaryNode: entry?.primaryNode,
      neighbours: device.neighbours.compactMap { other in
        IoctlDriver(rawValue: other.driver).flatMap { driver in
          driver == .vgem ? nil : Neighbour(path: other.path, driver: driver)
        }
      },
      vgemNode: device.neighbours.first { $0.driver == "vgem" }?.path,
      hasUDMABuf: udmabuf >= 0, pageSize: UInt64(description.pageSize),
      minor: description.version.split(separator: ".").dropFirst().first.flatMap { Int($0) } ?? 0)
  }
}
