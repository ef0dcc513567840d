// SPDX-License-Identifier: MIT

public import CallTrace
internal import DRM
internal import DRMDrivers
public import DRMKernel
public import Devices

/// The kernel that a trace is replayed on, with its nodes for the nodes of the trace.
public struct ReplayStage {
  public let kernel: Kernel
  /// The node to open for each node of the trace's header; a node without one does not exist.
  public private(set) var nodes: [String: CallPlayer.Node] = [:]
  /// One line for each device of the trace that is replayed on a different kind of device.
  public private(set) var notices: [String] = []

  /// Assigns a device to each device of a trace.
  ///
  /// - Parameters:
  ///   - file: the trace's name, for errors.
  ///   - selections: the devices to use; where there are none, mocks of the recorded devices.
  public init(
    for trace: Trace, in file: String, on selections: [Selection]
  ) throws(DeviceError) {
    let recorded = trace.header.devices
    let usesMocks = selections.isEmpty
    let devices =
      usesMocks ? try Self.mocks(for: trace.header, in: file) : selections.flatMap(\.devices)
    kernel = try devices.firstOfOneKernel(for: "replay").kernel
    let partners = Self.partners(of: recorded, among: devices, inOrder: usesMocks)
    let entries = kernel.devices()
    let opened = Set(trace.calls.compactMap(\.openedPath))
    for (device, partner) in zip(recorded, partners) {
      let recordedNodes = [device.renderNode, device.primaryNode].compactMap { $0 }
      guard let partner else {
        guard opened.isDisjoint(with: recordedNodes) else {
          throw DeviceError(
            description: "\(file): no device is left to replay \(device.recordedText) on",
            exitCode: 1)
        }
        continue
      }
      let entry = entries.first {
        $0.has(partner.path)
      }
      guard let driver = partner.description.knownDriver else { continue }
      // A node that the kernel does not list is a device's only one.
      let render = entry.map(\.renderNode) ?? partner.path
      for (node, path) in [(device.renderNode, render), (device.primaryNode, entry?.primaryNode)] {
        if let node, let path { nodes[node] = CallPlayer.Node(path: path, driver: driver) }
      }
      if !usesMocks, !opened.isDisjoint(with: recordedNodes), !device.isLike(partner) {
        notices.append("\(device.recordedText) is replayed on \(partner.text)")
      }
    }
  }

  /// Returns the device for each recorded one; nil where none is left.
  ///
  /// Devices with the same driver and coherency are assigned first, then others with the same driver: the ioctls of
  /// one driver are not made on another.
  private static func partners(
    of recorded: [DeviceDescription], among devices: [DRMDevice], inOrder: Bool
  ) -> [DRMDevice?] {
    var free = devices
    var partners = [DRMDevice?](repeating: nil, count: recorded.count)
    let sameDriver: (DeviceDescription, DRMDevice) -> Bool = {
      $0.driver == $1.description.driver
    }
    let matches = inOrder ? [sameDriver] : [{ $0.isLike($1) }, sameDriver]
    for isMatch in matches {
      for (index, device) in recorded.enumerated() where partners[index] == nil {
        guard let place = free.firstIndex(where: { isMatch(device, $0) }) else { continue }
        partners[index] = free.remove(at: place)
      }
    }
    return partners
  }

  private static func mocks(
    for header: TraceHeader, in file: String
  ) throws(DeviceError) -> [DRMDevice] {
    guard !header.devices.isEmpty else {
      throw DeviceError(description: "\(file):1: the trace names no device", exitCode: 2)
    }
    let location = DeviceDescription.Location(rawValue: header.location)
    let names = header.devices.map { device in
      if location == .mock, device.label.hasPrefix("mock:") { return device.label }
      let minor = device.version.split(separator: ".").dropFirst().first ?? "0"
      var name = "mock:\(device.driver),minor=\(minor)"
      if device.isCoherent == true { name += ",coherent" }
      if let kernel = KernelRelease(header.kernel)?.modelled { name += ",kernel=\(kernel)" }
      if header.pageSize != 4096 { name += ",page=\(header.pageSize / 1024)k" }
      if header.exporters["/dev/dma_heap/system"] == true { name += ",heap" }
      if location?.losesDirtyLines == false { name += ",invalidate=write_back" }
      return name
    }
    do throws(DeviceError) {
      var devices: [DRMDevice] = []
      for selector in try DeviceSelector.list(parsing: names) {
        devices += try DeviceResolver().resolve(selector).devices
      }
      return devices
    } catch {
      throw DeviceError(
        description: "\(file):1: there is no mock of a device of the trace: \(error)", exitCode: 2)
    }
  }
}

extension RecordedCall {
  fileprivate var openedPath: String? {
    if case .open(let path, _) = call { path } else { nil }
  }
}

extension DeviceDescription {
  /// `/dev/dri/renderD128 (panthor, coherent)`.
  fileprivate var recordedText: String {
    "\(renderNode ?? primaryNode ?? "a device") (\(driver), \(Self.text(isCoherent: isCoherent)))"
  }

  fileprivate func isLike(_ device: DRMDevice) -> Bool {
    driver == device.description.driver && isCoherent == device.description.isCoherent
  }
}

extension DRMDevice {
  fileprivate var text: String {
    "\(description.label) (\(description.driver), \(DeviceDescription.text(isCoherent: description.isCoherent)))"
  }
}
