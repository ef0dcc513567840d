// SPDX-License-Identifier: MIT

import Devices
import Exploration
import Reports
import Scripting

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

  /// Answers the platforms for a script, with a name for each.
  ///
  /// - Throws: one line where a device is of no driver that the script takes.
  func platforms(for script: Script) throws -> [(device: String, platform: Platform)] {
    for name in others.keys.sorted() where !script.nodes.contains(where: { $0.name == name }) {
      throw ReportError(description: "\(script.path): no node is called '\(name)'")
    }
    let first = script.nodes[0]
    guard !devices.isEmpty else {
      return first.drivers.map { driver in
        ("mock:\(driver)", platform(script, NodeModel(driver: driver), lineSize: 64))
      }
    }
    let usable = devices.filter { first.drivers.contains($0.driver) }
    guard !usable.isEmpty else {
      throw ReportError(
        description: "\(script.path): it is for \(first.drivers.joined(separator: " or ")), and "
          + "--device names \(devices.map(\.driver).joined(separator: ", "))")
    }
    return usable.map { device in
      (device.label, platform(script, NodeModel(device), lineSize: UInt64(device.lineSize)))
    }
  }

  private func platform(_ script: Script, _ first: NodeModel, lineSize: UInt64) -> Platform {
    Platform(
      nodes: script.nodes.enumerated().map { index, node in
        if index == 0 { return first }
        if let other = others[node.name] { return NodeModel(other) }
        return NodeModel(driver: node.drivers[0], policy: first.policy)
      }, lineSize: lineSize)
  }
}

extension NodeModel {
  /// Takes an unknown coherency for none, which is the stricter.
  init(_ device: DeviceDescription) {
    self.init(
      driver: device.driver, isCoherent: device.isCoherent ?? false,
      policy: SyncPolicy(rawValue: device.policy) ?? .merged)
  }
}
