// SPDX-License-Identifier: MIT

import ArgumentParser
import DRM
import DRMDrivers
import Devices
import LitmusRunner

/// The options that select devices.
struct DeviceOptions: ParsableArguments {
  @Option(
    name: .customLong("device"),
    help: ArgumentHelp(
      "Use a device; may be repeated. A path, driver:NAME, of:compatible=NAME, all, mock:all, or "
        + "mock:NAME with options such as mock:panthor,coherent,minor=6,page=16k. Exit code 1 where it is "
        + "not there or cannot be used.",
      valueName: "device"
    )
  )
  var devices: [String] = []

  @Flag(help: "Fail on a machine without a Mali GPU, instead of using a mock.")
  var requireHardware = false

  /// Returns the devices, and prints what the user must know about them.
  func resolve() throws(DeviceError) -> [Selection] {
    let resolver = DeviceResolver()
    var selections: [Selection] = []
    if devices.isEmpty {
      selections = [try resolver.resolve(.automatic, requiresHardware: requireHardware)]
    }
    for selector in try DeviceSelector.list(parsing: devices) {
      selections.append(try resolver.resolve(selector, requiresHardware: requireHardware))
    }
    for selection in selections {
      if let notice = selection.notice { Terminal.complain(notice) }
      for ignored in selection.ignored {
        Terminal.complain("ignoring \(ignored.path): \(ignored.reason)")
      }
    }
    return selections
  }
}

/// The options for jobs.
struct JobOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How jobs run on a mock: either (submitted where the drivers can run all jobs of a script, else "
        + "modelled), submitted, modelled or none.", valueName: "how"))
  var jobs = Mode.either

  @Flag(help: "Submit jobs to real devices too; the GPU of the board or VM must run them.")
  var allowJobs = false

  /// How jobs run on a mock.
  enum Mode: String, ExpressibleByArgument, CaseIterable {
    case either
    case submitted
    case modelled
    case none
  }

  /// Returns how jobs run on a device; only a mock has a model.
  func execution(on device: DRMDevice) -> JobExecution {
    guard device.model != nil else { return allowJobs && jobs != .none ? .submitted : .none }
    return switch jobs {
    case .either: .either
    case .submitted: .submitted
    case .modelled: .modelled
    case .none: .none
    }
  }
}
