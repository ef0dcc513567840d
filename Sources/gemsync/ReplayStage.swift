// SPDX-License-Identifier: MIT

import DRM
import DRMDrivers
import DRMKernel
import Devices
import Reports
import CallTrace

/// Where a trace is played: a kernel, and which of its nodes stand for those of the trace.
struct ReplayStage {
  let kernel: Kernel
  private(set) var paths: [String: String] = [:]

  /// Finds a device for each one of the trace.
  ///
  /// - Parameters:
  ///   - file: the trace's name, for errors.
  ///   - selections: the devices to use; where there are none, mocks like the recorded devices.
  init(for trace: Trace, in file: String, on selections: [Selection]) throws {
    let recorded = trace.header.devices
    var free = selections.flatMap(\.devices)
    let isAdopted = selections.isEmpty
    if isAdopted { free = try Self.mocks(for: trace.header, in: file) }
    guard let first = free.first,
      free.allSatisfy({ $0.description.location == first.description.location })
    else {
      throw ReportError(description: "replay takes mocks or hardware in one run, not both")
    }
    kernel = first.kernel
    var partners: [Int: DRMDevice] = [:]
    // The best match first: what is left then only needs to be some device.
    let matches: [(DeviceDescription, DRMDevice) -> Bool] = [
      { $0.driver == $1.description.driver && $0.isCoherent == $1.description.isCoherent },
      { $0.driver == $1.description.driver }, { _, _ in true },
    ]
    for isMatch in isAdopted ? [{ _, _ in true }] : matches {
      for (index, device) in recorded.enumerated() where partners[index] == nil {
        guard let place = free.firstIndex(where: { isMatch(device, $0) }) else { continue }
        partners[index] = free.remove(at: place)
      }
    }
    let opened = Set(trace.calls.compactMap(\.openedPath))
    for (index, device) in recorded.enumerated() {
      let nodes = [device.renderNode, device.primaryNode].compactMap { $0 }
      guard let partner = partners[index] else {
        guard opened.isDisjoint(with: nodes) else {
          throw ReportError(
            description: "\(file): there is no device left to stand for \(device.name)",
            exitCode: 1)
        }
        continue
      }
      let found = partner.description
      if let node = device.renderNode { paths[node] = found.renderNode ?? "/dev/null" }
      if let node = device.primaryNode { paths[node] = found.primaryNode ?? "/dev/null" }
      if !isAdopted, !opened.isDisjoint(with: nodes), !matches[0](device, partner) {
        Terminal.complain("\(device.name) is played on \(partner.description.name)")
      }
    }
  }

  private static func mocks(
    for header: TraceHeader, in file: String
  ) throws -> [DRMDevice] {
    guard !header.devices.isEmpty else {
      throw ReportError(description: "\(file):1: the trace names no device")
    }
    let location = DeviceDescription.Location(rawValue: header.location)
    let names = header.devices.map { device in
      let minor = device.version.split(separator: ".").dropFirst().first ?? "0"
      var name = "mock:\(device.driver),minor=\(minor)"
      if device.isCoherent == true { name += ",coherent" }
      if let kernel = KernelRelease(header.kernel)?.modelled { name += ",kernel=\(kernel)" }
      if header.pageSize != 4096 { name += ",page=\(header.pageSize / 1024)k" }
      if header.exporters["/dev/dma_heap/system"] == true { name += ",heap" }
      if location?.losesDirtyLines == false { name += ",invalidate=write_back" }
      return name
    }
    do {
      let selectors = try DeviceSelector.list(parsing: names)
      return try selectors.flatMap { try DeviceResolver().resolve($0).devices }
    } catch {
      throw ReportError(
        description: "\(file):1: no mock can stand for a device of the trace: \(error)")
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
  fileprivate var name: String {
    "\(label.isEmpty ? "a device" : label) (\(driver), \(coherency))"
  }
}
