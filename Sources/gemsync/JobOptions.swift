// SPDX-License-Identifier: MIT

import DRMDrivers
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
