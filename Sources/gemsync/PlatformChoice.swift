// SPDX-License-Identifier: MIT

import DRM
import DRMDrivers
import Devices
import LitmusExplorer
import Reports
import Litmus

/// The platforms that scripts are explored for.
struct PlatformChoice {
  private let devices: [DeviceDescription]
  private let others: [String: DeviceDescription]

  /// Resolves what `--device` and `--node` name.
  ///
  /// - Throws: one line for what means no device.
  init(devices: [String], nodes: [String]) throws {
    let resolver = DeviceResolver()
    var described: [DeviceDescription] = []
    for selector in try DeviceSelector.list(parsing: devices) {
      described += try resolver.resolve(selector).devices.map(\.description)
    }
    self.devices = described
    var others: [String: DeviceDescription] = [:]
    for node in nodes {
      guard let separator = node.firstIndex(of: "=") else {
        throw ReportError(description: "--node \(node): this is not NAME=DEVICE")
      }
      let selector = try DeviceSelector.list(parsing: [
        String(node[node.index(after: separator)...])
      ])
      guard let first = try selector.first.map({ try resolver.resolve($0) })?.devices.first else {
        throw ReportError(description: "--node \(node): this names no device")
      }
      others[String(node[..<separator])] = first.description
    }
    self.others = others
  }

  /// A platform with its name, or why a device is none for a script.
  enum Choice {
    case platform(device: String, Platform)
    case lacking(device: String, reason: String)
  }

  /// Checks that what `--node` names is in a script.
  ///
  /// - Throws: one line for a name or a driver that the script does not have.
  func check(_ script: Script) throws {
    for (name, other) in others.sorted(by: { $0.key < $1.key }) {
      guard let index = script.nodes.firstIndex(where: { $0.name == name }) else {
        throw ReportError(description: "\(script.path): no node is called '\(name)'")
      }
      guard index > 0 else {
        throw ReportError(
          description: "\(script.path): '\(name)' is the device asked for, which --device names")
      }
      let drivers = script.nodes[index].drivers
      guard drivers.contains(where: { $0.name == other.driver }) else {
        throw ReportError(
          description: "\(script.path): '\(name)' is for \(drivers.alternatives), and "
            + "--node names \(other.driver)")
      }
    }
  }

  /// Answers the platforms for a script: without devices, one for each driver that it takes.
  func choices(for script: Script) -> [Choice] {
    let first = script.nodes[0]
    guard !devices.isEmpty else {
      return first.drivers.map { driver in
        .platform(
          device: "mock:\(driver)", platform(script, NodeModel(driver: driver), 64, 4096))
      }
    }
    return devices.map { device in
      if let reason = lack(device, script) { return .lacking(device: device.label, reason: reason) }
      guard let model = NodeModel(device) else {
        return .lacking(device: device.label, reason: "\(device.driver) is not modelled")
      }
      return .platform(
        device: device.label,
        platform(script, model, UInt64(device.lineSize), UInt64(device.pageSize)))
    }
  }

  /// What a device lacks that a script needs; nil where nothing.
  private func lack(_ device: DeviceDescription, _ script: Script) -> String? {
    let drivers = script.nodes[0].drivers
    guard drivers.contains(where: { $0.name == device.driver }) else {
      return "needs \(drivers.alternatives), and this is \(device.driver)"
    }
    let needsCached = script.buffers.contains { buffer in
      guard buffer.node == 0, case .created(let flags) = buffer.origin else { return false }
      return flags.contains(.writeBack)
    }
    guard !needsCached || device.features.contains(.writeBackMapping) else {
      return "needs wb_mmap, not in \(device.driver) \(device.version)"
    }
    return nil
  }

  private func platform(
    _ script: Script, _ first: NodeModel, _ lineSize: UInt64, _ pageSize: UInt64
  ) -> Platform {
    Platform(
      nodes: script.nodes.enumerated().map { index, node in
        if index == 0 { return first }
        if let other = others[node.name], let model = NodeModel(other) { return model }
        return NodeModel(driver: node.drivers[0], policy: first.policy)
      }, lineSize: lineSize, pageSize: pageSize)
  }
}

extension NodeModel {
  /// Takes an unknown coherency for none, which is the stricter.
  init?(_ device: DeviceDescription) {
    guard let driver = DRMDriver(rawValue: device.driver) else { return nil }
    self.init(
      driver: driver, isCoherent: device.isCoherent ?? false,
      policy: SyncPolicy(rawValue: device.policy) ?? .merged)
  }
}
