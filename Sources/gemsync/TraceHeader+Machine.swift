// SPDX-License-Identifier: MIT

import DRMDrivers
import ArgumentParser
import DRM
import DRMKernel
import Devices
import Glibc
import Reports
import CallTrace

extension TraceHeader {
  private static let exporterPaths = ["/dev/dma_heap/system", "/dev/udmabuf"]
  private static let readOnly: CInt = O_RDONLY | O_CLOEXEC

  /// Describes the machine that a device is in, the device first.
  ///
  /// - Parameters:
  ///   - command: what is run, word by word.
  ///   - hasTimes: whether the trace tells when it was made.
  init(of device: DRMDevice, command: [String], hasTimes: Bool) {
    let kernel = device.kernel
    var exporters: [String: Bool] = [:]
    for path in Self.exporterPaths {
      let descriptor = kernel.open(path, flags: Self.readOnly)
      exporters[path] = descriptor >= 0
      if descriptor >= 0 { _ = kernel.close(descriptor) }
    }
    self.init(
      tool: "gemsync \(GEMSync.configuration.version)", command: command,
      time: hasTimes ? TimeOfDay.now : nil, kernel: device.description.kernel,
      pageSize: device.description.pageSize, location: device.description.location.rawValue,
      devices: device.machine, exporters: exporters)
  }
}
