// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel
public import DRM

/// The results of `gemsync info` for one device.
public struct DeviceReport: Hashable, Sendable, Codable {
  public let device: DeviceRow
  public let summary: String
  /// The size in bytes by which cache maintenance steps.
  public let maintenanceStep: Int
  /// The size in bytes of aligned blocks that never share a cache line.
  public let sharingGranule: Int
  /// The value of each capability; null where the driver does not know it.
  public let capabilities: [String: UInt64?]
  /// The fields of the driver's device query, in its order and with its names.
  public let properties: [Property]

  enum CodingKeys: String, CodingKey {
    case device, summary, capabilities, properties
    case maintenanceStep = "maintenance_step"
    case sharingGranule = "sharing_granule"
  }

  /// One field of the device query.
  public struct Property: Hashable, Sendable, Codable {
    public let name: String
    public let value: UInt64
  }

  /// Opens the device and queries it.
  public init(_ selected: DRMDevice) throws {
    let node = try DRMNode(path: selected.path, kernel: selected.kernel)
    var capabilities: [String: UInt64?] = [:]
    for capability in Capability.allCases {
      capabilities.updateValue(try node.value(of: capability), forKey: capability.rawValue)
    }
    device = DeviceRow(selected.description)
    summary = selected.description.summary
    maintenanceStep = selected.description.maintenanceStep
    sharingGranule = selected.description.lineSize
    self.capabilities = capabilities
    properties = try node.properties().map { Property(name: $0.name, value: $0.value) }
  }

  /// Returns the text for people.
  public func text() -> String {
    var lines = [
      "\(device.device): \(device.driver) \(device.version)", row("description", summary),
    ]
    lines.append(row("kernel", "\(device.kernel) (\(device.location.rawValue))"))
    lines.append(row("page size", "\(device.pageSize)"))
    lines.append(row("cache maintenance", "by \(maintenanceStep) bytes"))
    lines.append(row("cache sharing", "none between blocks of \(sharingGranule) bytes"))
    lines.append(
      row("coherent", "\(device.coherent.map { "\($0)" } ?? "unknown") (\(device.coherencyFrom))")
    )
    lines.append(row("compatible", device.compatible.joined(separator: ", ")))
    lines.append(row("features", device.features.joined(separator: ", ")))
    if let note = device.note { lines.append(row("note", note)) }
    for (name, value) in capabilities.sorted(by: { $0.key < $1.key }) {
      lines.append(row("cap \(name)", value.map(String.init) ?? "unknown"))
    }
    for property in properties {
      lines.append(row(property.name, "0x" + String(property.value, radix: 16)))
    }
    return lines.map { $0.printable + "\n" }.joined()
  }

  private func row(_ name: String, _ value: String) -> String {
    "  " + name + String(repeating: " ", count: max(1, 21 - name.count)) + value
  }
}

/// The results of `gemsync info` in JSON.
public struct DeviceReportList: Hashable, Sendable, Codable, JSONDocument {
  public let schemaVersion: Int
  public let devices: [DeviceReport]

  /// Creates a list.
  public init(devices: [DeviceReport]) {
    schemaVersion = Report.currentSchemaVersion
    self.devices = devices
  }

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case devices
  }
}
