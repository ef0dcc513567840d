// SPDX-License-Identifier: MIT

internal import DRMDrivers
public import DRM

/// Everything a device tells of itself.
public struct DeviceReport: Hashable, Sendable, Codable {
  public let device: DeviceRow
  public let summary: String
  /// 0 or 1, or what the capability counts; null where the driver does not know it.
  public let capabilities: [String: UInt64?]
  /// In the driver's own order and field names.
  public let properties: [Property]

  /// One field of what the driver tells.
  public struct Property: Hashable, Sendable, Codable {
    public let name: String
    public let value: UInt64
  }

  /// Opens the device and asks it.
  public init(_ selected: DRMDevice) throws {
    let node = try DRMNode(path: selected.path, kernel: selected.kernel)
    var capabilities: [String: UInt64?] = [:]
    for capability in Capability.allCases {
      capabilities.updateValue(try node.value(of: capability), forKey: capability.rawValue)
    }
    device = DeviceRow(selected.description)
    summary = selected.description.summary
    self.capabilities = capabilities
    properties = try node.properties().map { Property(name: $0.name, value: $0.value) }
  }

  /// As a person reads it.
  public func text() -> String {
    var lines = [
      "\(device.device): \(device.driver) \(device.version)", row("description", summary),
    ]
    lines.append(row("kernel", "\(device.kernel) (\(device.location.rawValue))"))
    lines.append(row("page size", "\(device.pageSize)"))
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
    return lines.joined(separator: "\n") + "\n"
  }

  private func row(_ name: String, _ value: String) -> String {
    "  " + name + String(repeating: " ", count: max(1, 21 - name.count)) + value
  }
}

/// The devices of one `info`, as JSON.
public struct DeviceReportList: Hashable, Sendable, Codable {
  public let schemaVersion: Int
  public let devices: [DeviceReport]

  /// Collects reports.
  public init(devices: [DeviceReport]) {
    schemaVersion = Report.currentSchemaVersion
    self.devices = devices
  }

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case devices
  }

  /// Writes the list as JSON: keys sorted, one trailing newline.
  public func json() -> String { JSON.text(self) }
}
