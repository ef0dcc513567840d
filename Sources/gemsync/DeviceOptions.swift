// SPDX-License-Identifier: MIT

public import ArgumentParser
import DRM
import DRMDrivers
import Devices
import Glibc
import LitmusRunner

/// The options that select devices.
struct DeviceOptions: ParsableArguments {
  @Option(
    name: [.customShort("d"), .customLong("device")],
    help: ArgumentHelp(
      "Use a device; may be repeated. A path, driver:NAME, of:compatible=NAME, all, mock:all, or "
        + "mock:NAME with options such as mock:panthor,coherent,minor=6,page=16k. Exit code 1 where it is "
        + "not there or cannot be used. Without it: the devices that GEMSYNC_DEVICE names, separated by spaces.",
      valueName: "device"
    )
  )
  var devices: [String] = []

  @Flag(help: "Fail on a machine without a Mali GPU, instead of using a mock.")
  var requireHardware = false

  /// The devices that the environment variable GEMSYNC_DEVICE names.
  private static var preset: [String] {
    let text = unsafe getenv("GEMSYNC_DEVICE").map { unsafe String(cString: $0) } ?? ""
    return text.split(separator: " ").map(String.init)
  }

  /// Returns the devices, and prints what the user must know about them.
  func resolve() throws(DeviceError) -> [Selection] {
    let resolver = DeviceResolver()
    var selections: [Selection] = []
    let named = devices.isEmpty ? Self.preset : []
    if devices.isEmpty, named.isEmpty {
      selections = [try resolver.resolve(.automatic, requiresHardware: requireHardware)]
    }
    do throws(DeviceError) {
      for selector in try DeviceSelector.list(parsing: devices + named) {
        selections.append(try resolver.resolve(selector, requiresHardware: requireHardware))
      }
    } catch {
      guard !named.isEmpty else { throw error }
      throw DeviceError(description: "GEMSYNC_DEVICE: \(error)", exitCode: error.exitCode)
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

/// The options for the jobs of scripts.
struct JobOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How jobs run on a mock: either (submitted where the drivers can run all jobs of a script, else "
        + "modelled), submitted, modelled or none.", valueName: "how"))
  var gpuJobs = JobExecution.either

  @Flag(help: "Submit jobs to real devices too; the GPU of the board or VM must run them.")
  var allowJobs = false

  /// How jobs run on each kind of device.
  var rule: JobRule { JobRule(onMocks: gpuJobs, allowsReal: allowJobs) }
}

extension JobExecution: ExpressibleByArgument {}
