// SPDX-License-Identifier: MIT

import DRMDrivers
import DRM
import ArgumentParser
import DRMKernel
import Devices
import Reports
import CallTrace

/// Calls that are kept while a command makes them.
final class Recording {
  private let command: [String]
  private let hasTimes: Bool
  private let calls = Guarded<[RecordedCall]>([])
  private var header: TraceHeader?

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
    header = TraceHeader(of: first, command: command, hasTimes: hasTimes)
    let (calls, hasTimes) = (calls, hasTimes)
    let recorder = CallRecorder(first.kernel, drivers: first.drivers) { recorded in
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
}
