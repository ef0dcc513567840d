// SPDX-License-Identifier: MIT

public import CallTrace
public import DRM
internal import DRMDrivers
internal import DRMKernel
public import Devices

#if canImport(Glibc)
  internal import Glibc
#endif

/// The calls that a command makes on a machine, kept for a trace.
public final class Recording {
  private let tool: String
  private let command: [String]
  private let time: String?
  private let calls = Guarded<[RecordedCall]>([])
  private var header: TraceHeader?

  /// Creates a recording.
  ///
  /// - Parameters:
  ///   - tool: the program and its version.
  ///   - command: the recorded command with its arguments.
  ///   - time: the start in ISO 8601; nil for a trace without times.
  public init(by tool: String, of command: [String], at time: String?) {
    self.tool = tool
    self.command = command
    self.time = time
  }

  /// Returns the devices with a recorder interposed before their kernel.
  ///
  /// - Throws: where the devices have more than one kernel; a trace has one.
  public func attach(to selections: [Selection]) throws(DeviceError) -> [Selection] {
    let first = try selections.flatMap(\.devices).firstOfOneKernel(for: "record")
    header = TraceHeader(of: first, tool: tool, command: command, time: time)
    let (calls, hasTimes) = (calls, time != nil)
    let recorder = first.recorder { recorded in
      var recorded = recorded
      if !hasTimes { (recorded.start, recorded.seconds) = (nil, nil) }
      calls.withLock { $0.append(recorded) }
    }
    return selections.map { $0.answered(by: .substitute(recorder)) }
  }

  /// The trace; nil where no call was made.
  public var trace: Trace? {
    let calls = calls.withLock { $0 }
    guard let header, !calls.isEmpty else { return nil }
    return Trace(header, calls)
  }
}

extension [Selection] {
  /// Returns the devices with a recorder for each selection interposed before its kernel.
  public func recorded(_ sink: @escaping CallRecorder.Sink) -> [Selection] {
    map { selection in
      guard let device = selection.devices.first else { return selection }
      return selection.answered(by: .substitute(device.recorder(sink)))
    }
  }
}

extension [DRMDevice] {
  /// Returns the first device; throws where there is none, or mocks and hardware are mixed.
  func firstOfOneKernel(for command: String) throws(DeviceError) -> DRMDevice {
    guard let first, allSatisfy({ $0.description.location == first.description.location }) else {
      throw DeviceError(
        description: "\(command) takes mocks or hardware in one run, not both", exitCode: 2)
    }
    return first
  }
}

extension DRMDevice {
  fileprivate func recorder(_ sink: @escaping CallRecorder.Sink) -> CallRecorder {
    var drivers: [String: DRMDriver] = [:]
    for device in machine { drivers[device.path] = device.knownDriver }
    return CallRecorder(kernel, drivers: drivers, sink: sink)
  }
}

extension TraceHeader {
  private static let exporterPaths = ["/dev/dma_heap/system", "/dev/udmabuf"]
  private static let readOnly: CInt = O_RDONLY | O_CLOEXEC

  /// Creates a header that describes a device's machine, the device first.
  ///
  /// - Parameters:
  ///   - tool: the program and its version.
  ///   - command: the recorded command with its arguments.
  ///   - time: the start in ISO 8601; nil for a trace without times.
  public init(of device: DRMDevice, tool: String, command: [String], time: String?) {
    let kernel = device.kernel
    let entries = kernel.devices()
    var exporters: [String: Bool] = [:]
    for path in Self.exporterPaths {
      let descriptor = kernel.open(path, flags: Self.readOnly)
      exporters[path] = descriptor >= 0
      if descriptor >= 0 { _ = kernel.close(descriptor) }
    }
    self.init(
      tool: tool, command: command, time: time, kernel: device.description.kernel,
      pageSize: device.description.pageSize, location: device.description.location.rawValue,
      devices: device.machine.map { device in
        let entry = entries.first {
          $0.has(device.path)
        }
        return DeviceDescription(
          renderNode: entry?.renderNode, primaryNode: entry?.primaryNode, driver: device.driver,
          version: device.version, isCoherent: device.isCoherent)
      }, exporters: exporters)
  }
}
