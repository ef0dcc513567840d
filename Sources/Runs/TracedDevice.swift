// SPDX-License-Identifier: MIT

internal import CallTrace
internal import DRM
internal import DRMDrivers
internal import DRMKernel
internal import Devices
internal import Reports
internal import TraceSessions

/// A device whose calls are written to a trace, each before it is made.
struct TracedDevice {
  let device: DRMDevice
  private let recording: Recording?
  private let path: String

  /// Interposes the recorder; nil for no trace.
  ///
  /// On a real kernel each call is on the disk before it is made, because that may be the kernel's last.
  ///
  /// - Throws: an error of one line that names the file.
  init(_ device: DRMDevice, of item: String, to path: String?) throws(ReportError) {
    self.path = path ?? ""
    guard let path else {
      (self.device, recording) = (device, nil)
      return
    }
    do {
      let file = try TraceFile(path, isSynced: device.description.location != .mock)
      let recording = Recording(by: "gemsync", of: [item], at: TimeOfDay.now, to: file)
      let selections = try recording.attach(to: [Selection(devices: [device])])
      self.device = selections.first?.devices.first ?? device
      self.recording = recording
    } catch let error as Errno {
      throw ReportError(description: "\(path): \(error.sentence)", exitCode: 1)
    } catch {
      throw ReportError(description: "\(path): \(error)", exitCode: 1)
    }
  }

  /// Writes the end of the trace.
  func end() throws(ReportError) {
    do throws(Errno) {
      _ = try recording?.end()
    } catch {
      throw ReportError(description: "\(path): \(error.sentence)", exitCode: 1)
    }
  }
}
