// SPDX-License-Identifier: MIT

public import DRMDrivers
public import Litmus

/// Chooses the platforms that scripts are explored for.
public struct PlatformChoice: Sendable {
  private let devices: [DeviceDescription]
  private let others: [String: DeviceDescription]

  /// Takes the devices to explore for, and those that stand for the scripts' other nodes, by node name.
  public init(devices: [DeviceDescription], others: [String: DeviceDescription]) {
    self.devices = devices
    self.others = others
  }

  /// A platform with the name of its device, or the reason why a device cannot be used for a script.
  public enum Choice: Sendable {
    case platform(device: String, Platform)
    case lacking(device: String, reason: String)
  }

  /// Returns what is wrong with the devices of other nodes for a script; nil where nothing is.
  public func fault(for script: Script) -> String? {
    for (name, other) in others.sorted(by: { $0.key < $1.key }) {
      guard let index = script.nodes.firstIndex(where: { $0.name == name }) else {
        return "no node is called '\(name)'"
      }
      guard index > 0 else {
        return "'\(name)' is the first node of the script, which --device names"
      }
      let drivers = script.nodes[index].drivers
      guard drivers.contains(where: { $0.name == other.driver }) else {
        return "'\(name)' is for \(drivers.alternatives), and --node names \(other.driver)"
      }
    }
    return nil
  }

  /// Returns the platforms for a script: without devices, one for each driver of its first node.
  public func choices(for script: Script) -> [Choice] {
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

  /// Returns what a script needs and a device lacks; nil where it lacks nothing.
  private func lack(_ device: DeviceDescription, _ script: Script) -> String? {
    let drivers = script.nodes[0].drivers
    guard drivers.contains(where: { $0.name == device.driver }) else {
      return "needs \(drivers.alternatives), and this is \(device.driver)"
    }
    let needsWriteBack = script.buffers.contains { buffer in
      guard buffer.node == 0, case .created(let flags) = buffer.origin else { return false }
      return flags.contains(.writeBack)
    }
    guard !needsWriteBack || device.features.contains(.writeBackMapping) else {
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
  /// Models a device; an unknown coherency counts as non-coherent, which is the stricter.
  ///
  /// Nil for a driver that is not modelled.
  public init?(_ device: DeviceDescription) {
    guard let driver = device.knownDriver else { return nil }
    self.init(
      driver: .drm(driver), isCoherent: device.isCoherent ?? false,
      policy: SyncPolicy(rawValue: device.policy) ?? .merged,
      hasSyncCall: device.features.contains(.explicitSync))
  }
}
