// SPDX-License-Identifier: MIT

import CDRM
import DRM
import DRMDrivers
import DRMKernel
import Devices
import Dispatch
import Fuzzing
import CallTrace

/// The fuzzing of one device, with what is said about it.
struct FuzzRun {
  private let options: FuzzCommand
  private let device: DRMDevice
  private let twin: ReferenceMock?
  private let world: FuzzWorld

  init(
    _ options: FuzzCommand, on device: DRMDevice, _ twin: ReferenceMock?
  ) throws(DeviceError) {
    self.options = options
    self.device = device
    self.twin = twin
    world = try FuzzWorld(device)
  }

  /// Makes the calls, prints what came of them, and answers the difference there was.
  func run() throws(DeviceError) -> Lockstep.Difference? {
    var coverage = FuzzCoverage()
    for index in 0..<options.seeds where !cdrm_is_interrupted() {
      let seed = options.seed &+ UInt64(index)
      let share = options.ops / options.seeds
      let calls = index == 0 ? options.ops - share * (options.seeds - 1) : share
      guard options.jobs == 1 else {
        runJobs(seed: seed, calls: calls, &coverage)
        continue
      }
      if let difference = run(seed: seed, calls: calls, &coverage) {
        tell(difference, coverage, seed: seed)
        return difference
      }
    }
    guard coverage.calls > 0 else {
      throw DeviceError(description: "interrupted before any call was made", exitCode: 1)
    }
    Terminal.say(heading(coverage) + coverage.table())
    return nil
  }

  /// The difference as a trace that can be replayed, without times.
  func trace(of difference: Lockstep.Difference) -> Trace {
    Trace(TraceHeader(of: device, command: ["fuzz"], hasTimes: false), difference.calls)
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

  /// Several threads share the device, each with calls of its own.
  private func runJobs(seed: UInt64, calls: Int, _ coverage: inout FuzzCoverage) {
    let total = Guarded(FuzzCoverage())
    let (world, kernel, label) = (world, device.kernel, device.description.label)
    let jobs = options.jobs
    DispatchQueue.concurrentPerform(iterations: jobs) { job in
      var own = FuzzCoverage()
      let share = job == 0 ? calls - calls / jobs * (jobs - 1) : calls / jobs
      _ = Lockstep(world, Lockstep.Side(name: label, kernel: kernel), against: nil).run(
        seed: seed &+ UInt64(job) << 32, calls: share, coverage: &own,
        isInterrupted: { cdrm_is_interrupted() })
      total.withLock { $0.add(own) }
    }
    coverage.add(total.withLock { $0 })
  }

  private func tell(
    _ difference: Lockstep.Difference, _ coverage: FuzzCoverage, seed: UInt64
  ) {
    var text = heading(coverage) + "difference with seed \(seed):\n"
    for (number, recorded) in difference.calls.enumerated() {
      text += "  \(number + 1). \(recorded)\n"
    }
    Terminal.say(text + "  \(difference.description)\n")
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
  init(_ device: DRMDevice) throws(DeviceError) {
    let description = device.description
    guard let driver = IoctlDriver(rawValue: description.driver),
      driver == .panthor || driver == .panfrost
    else {
      throw DeviceError(
        description: "\(description.label): only panthor and panfrost are fuzzed", exitCode: 2)
    }
    let readWrite: CInt = 2
    let udmabuf = device.kernel.open("/dev/udmabuf", flags: readWrite)
    if udmabuf >= 0 { _ = device.kernel.close(udmabuf) }
    self.init(
      driver: driver, node: device.path, primaryNode: description.primaryNode,
      neighbours: device.neighbours.compactMap { other in
        IoctlDriver(rawValue: other.driver).flatMap { driver in
          driver == .vgem ? nil : Neighbour(path: other.path, driver: driver)
        }
      },
      vgemNode: device.neighbours.first { $0.driver == "vgem" }?.path,
      hasUDMABuf: udmabuf >= 0, pageSize: UInt64(description.pageSize),
      runsJobs: description.location == .mock)
  }
}
