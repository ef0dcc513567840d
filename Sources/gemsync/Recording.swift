// SPDX-License-Identifier: MIT

import ArgumentParser
import DRMKernel
import Devices
import Glibc
import Reports
import Tracing

/// Calls that are kept while a command makes them.
final class Recording {
  private let command: [String]
  private let hasTimes: Bool
  private let calls = Guarded<[RecordedCall]>([])
  private var header: TraceHeader?
  private static let exporters = ["/dev/dma_heap/system", "/dev/udmabuf"]
  private static let readOnly: CInt = O_RDONLY | O_CLOEXEC

  init(of command: [String], hasTimes: Bool) {
    self.command = command
    self.hasTimes = hasTimes
  }

  /// Stands before the devices' kernel, of which a trace has but one.
  func attach(to selections: [Selection]) throws(ReportError) -> [Selection] {
    let devices = selections.flatMap(\.devices)
    guard let first = devices.first,
      devices.allSatisfy({ $0.description.location == first.description.location })
    else {
      throw ReportError(description: "record takes mocks or hardware in one run, not both")
    }
    // On hardware a check may use any other device that could be used.
    let isMock = first.description.location == .mock
    let machine = isMock ? devices : DeviceResolver().survey().devices
    header = header(of: first, in: machine)
    let (calls, hasTimes) = (calls, hasTimes)
    let recorder = CallRecorder(first.kernel, drivers: machine.drivers) { recorded in
      var recorded = recorded
      if !hasTimes { (recorded.start, recorded.seconds) = (nil, nil) }
      calls.withLock { $0.append(recorded) }
    }
    return selections.map { $0.answered(by: .substitute(recorder)) }
  }

  /// What was recorded; nil where no call was made.
  var trace: Trace? {
    let calls = calls.withLock { $0 }
    guard let header, !calls.isEmpty else { return nil }
    return Trace(header, calls)
  }

  private func header(of device: SelectedDevice, in machine: [SelectedDevice]) -> TraceHeader {
    let kernel = device.kernel
    let entries = kernel.devices()
    var exporters: [String: Bool] = [:]
    for path in Self.exporters {
      let descriptor = kernel.open(path, flags: Self.readOnly)
      exporters[path] = descriptor >= 0
      if descriptor >= 0 { _ = kernel.close(descriptor) }
    }
    return TraceHeader(
      tool: "gemsync \(GEMSync.configuration.version)", command: command,
      time: hasTimes ? TimeOfDay.now : nil, kernel: device.description.kernel,
      pageSize: device.description.pageSize, location: device.description.location.rawValue,
      devices: machine.map { device in
        TraceHeader.Device(
          renderNode: device.path,
          primaryNode: entries.first { $0.renderNode == device.path }?.primaryNode,
          driver: device.description.driver, version: device.description.version,
          isCoherent: device.description.isCoherent)
      }, exporters: exporters)
  }
}
