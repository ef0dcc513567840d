// SPDX-License-Identifier: MIT

import DRMDrivers
import DRM
import DRMKernel
import Devices
import CallTrace

/// Calls shown as they are answered.
enum LiveTrace {
  /// Stands before the devices' kernels.
  static func attach(to selections: [Selection]) -> [Selection] {
    selections.map { selection in
      guard let device = selection.devices.first else { return selection }
      let recorder = CallRecorder(device.kernel, drivers: device.drivers) { recorded in
        Terminal.note("\(recorded)")
      }
      return selection.answered(by: .substitute(recorder))
    }
  }
}

extension DRMDevice {
  /// Who answers at which node of the machine.
  var drivers: [String: IoctlDriver] {
    var drivers: [String: IoctlDriver] = [:]
    for device in machine { drivers[device.path] = IoctlDriver(rawValue: device.driver) }
    return drivers
  }
}
