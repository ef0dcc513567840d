// SPDX-License-Identifier: MIT

import DRMDrivers
import DRM
import ArgumentParser
import Devices

/// The options that say which devices to use.
struct DeviceOptions: ParsableArguments {
  @Option(
    name: .customLong("device"),
    help: ArgumentHelp(
      "A device; may be repeated. A path, driver:NAME, of:compatible=NAME, all, mock:all, or "
        + "mock:NAME with options such as mock:panthor,coherent,minor=6,page=16k.",
      valueName: "device"
    )
  )
  var devices: [String] = []

  @Flag(help: "Fail where there is no hardware, instead of running on a mock.")
  var requireHardware = false

  /// Answers the devices, and tells what a person must know about them.
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
      if let release = selection.devices.first?.description.kernel,
        KernelRelease(release)?.isNewerThanModelled == true
      {
        Terminal.complain(
          "the kernel \(release) is newer than \(KernelRelease.newestModelled), the newest this "
            + "gemsync was compared with: what differs may be the kernel's doing")
      }
    }
    return selections
  }
}
