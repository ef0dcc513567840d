// SPDX-License-Identifier: MIT

public import CallTrace
public import DRM
internal import DRMDrivers
public import DRMKernel
public import Devices

#if canImport(Glibc)
  internal import Glibc
#endif

/// Writes the calls that a command makes on a machine to a trace, each before it is made.
public final class Recording {
  private let tool: String
  private let command: [String]
  private let time: String?
  private let output: TraceFile
  private let count = Guarded(0)

  /// Creates a recording.
  ///
  /// - Parameters:
  ///   - tool: the program and its version.
  ///   - command: the recorded command with its arguments.
  ///   - time: the start in ISO 8601; nil for a trace without times.
  public init(by tool: String, of command: [String], at time: String?, to output: TraceFile) {
    self.tool = tool
    self.command = command
    self.time = time
    self.output = output
  }

  /// Returns the devices with a recorder interposed before their kernel.
  ///
  /// - Throws: where the devices have more than one kernel; a trace has one.
  public func attach(to selections: [Selection]) throws(DeviceError) -> [Selection] {
    let first = try selections.flatMap(\.devices).firstOfOneKernel(for: "record")
    let header = TraceHeader(of: first, tool: tool, command: command, time: time).text
    let (output, count, hasTimes) = (output, count, time != nil)
    let recorder = first.recorder { event in
      if case .began(1, _, _) = event { output.start(with: header) }
      output.append(event.text(hasTimes: hasTimes))
      if case .ended = event { count.withLock { $0 += 1 } }
    }
    return selections.map { $0.answered(by: .substitute(recorder)) }
  }

  /// Writes the end, and returns the number of calls.
  ///
  /// - Throws: the first error of writing; what was written before is a trace that is cut off.
  public func end() throws(Errno) -> Int {
    let count = count.withLock { $0 }
    if count > 0 { output.append(Trace.end(after: count)) }
    try output.end()
    return count
  }
}

extension Selection {
  /// Returns the devices with a recorder interposed before their kernel.
  public func recorded(_ sink: @escaping CallRecorder.Sink) -> Selection {
    guard let device = devices.first else { return self }
    return answered(by: .substitute(device.recorder(sink)))
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
    return CallRecorder(kernel, drivers: drivers, events: sink)
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
        // A node that the kernel does not list, such as a link to one, is opened by its own path.
        return DeviceDescription(
          label: device.label, renderNode: entry.map(\.renderNode) ?? device.path,
          primaryNode: entry?.primaryNode, driver: device.driver, version: device.version,
          isCoherent: device.isCoherent)
      }, exporters: exporters)
  }
}
