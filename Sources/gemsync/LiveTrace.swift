// SPDX-License-Identifier: MIT

import DRMKernel
import Devices
import Tracing

/// Calls shown as they are answered.
enum LiveTrace {
  /// Stands before the devices' kernels.
  static func attach(to selections: [Selection]) -> [Selection] {
    selections.map { selection in
      guard let kernel = selection.devices.first?.kernel else { return selection }
      let recorder = CallRecorder(kernel, drivers: selection.devices.drivers) { recorded in
        Terminal.note("\(recorded)")
      }
      return selection.answered(by: .substitute(recorder))
    }
  }
}

extension [SelectedDevice] {
  /// Who answers at which node.
  var drivers: [String: IoctlDriver] {
    var drivers: [String: IoctlDriver] = [:]
    for device in self { drivers[device.path] = IoctlDriver(rawValue: device.description.driver) }
    return drivers
  }
}
