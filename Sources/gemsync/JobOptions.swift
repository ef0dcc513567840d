// SPDX-License-Identifier: MIT

import ArgumentParser
@_spi(ProposedSync) import DRM
import DRMKernel
import Devices
import LitmusRunner

/// The options that say how jobs come to run.
struct JobOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How jobs run on a mock: either (submitted to its drivers where they can do all of a script's, else "
        + "modelled), submitted, modelled or none.", valueName: "how"))
  var jobs = Way.either

  @Flag(
    help:
      "Submit jobs to real devices too, a board's or a virtual machine's with GPUs that run them.")
  var allowJobs = false

  /// How jobs run on a mock.
  enum Way: String, ExpressibleByArgument, CaseIterable {
    case either
    case submitted
    case modelled
    case none
  }

  /// How they run on a device: its model is there for a mock only.
  func execution(on device: SelectedDevice) -> JobExecution {
    guard device.model != nil else { return allowJobs && jobs != .none ? .submitted : .none }
    return switch jobs {
    case .either: .either
    case .submitted: .submitted
    case .modelled: .modelled
    case .none: .none
    }
  }
}

extension ScriptMachine {
  /// The machine that a device is in, the device first.
  init(_ device: SelectedDevice, _ abi: SyncABI, jobs: JobExecution) {
    self.init(
      kernel: device.kernel,
      device: Node(path: device.path, driver: device.description.driver),
      neighbours: device.neighbours.map { Node(path: $0.path, driver: $0.driver) },
      model: device.model, jobs: jobs, abi: abi)
  }
}
