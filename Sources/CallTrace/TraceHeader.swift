// SPDX-License-Identifier: MIT

public import DRMDrivers

/// The first line of a trace: the machine it was recorded on.
public struct TraceHeader: Hashable, Sendable {
  /// The version of the format that is written; raised when a field changes its meaning or is removed.
  ///
  /// In version 1, which is still read, a call and its outcome are one line.
  public static let currentSchemaVersion = 2
  // The most devices that a machine can have: the DRM has 64 minors of each type.
  private static let mostDevices = 64

  /// The version of the format that was read.
  public private(set) var schemaVersion = currentSchemaVersion
  /// The program and its version.
  public var tool: String
  /// The recorded command with its arguments.
  public var command: [String]
  /// The start in ISO 8601; nil in a trace without times.
  public var time: String?
  /// The kernel's release; `mock` for a mock.
  public var kernel: String
  /// In bytes.
  public var pageSize: Int
  /// `board`, `vm` or `mock`.
  public var location: String
  /// The machine's devices; of each, the file holds nodes, driver, version and coherency, and of a mock its name.
  public var devices: [DeviceDescription]
  /// Whether the machine has each exporter, by path.
  public var exporters: [String: Bool]

  /// Creates a header.
  public init(
    tool: String, command: [String], time: String?, kernel: String, pageSize: Int,
    location: String, devices: [DeviceDescription], exporters: [String: Bool]
  ) {
    self.tool = tool
    self.command = command
    self.time = time
    self.kernel = kernel
    self.pageSize = pageSize
    self.location = location
    self.devices = devices
    self.exporters = exporters
  }
}

extension TraceHeader {
  fileprivate static let mockPrefix = "mock:"

  /// The first line of a trace.
  public var text: String { line.json + "\n" }

  private var line: JSONValue {
    typealias Member = JSONValue.Member
    func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
    let devices = devices.map { device in
      var members = [
        Member("render_node", text(device.renderNode)),
        Member("primary_node", text(device.primaryNode)),
        Member("driver", .string(device.driver)), Member("version", .string(device.version)),
        Member("coherent", device.isCoherent.map { .bool($0) } ?? .null),
      ]
      if device.label.hasPrefix(Self.mockPrefix) {
        members.append(Member("mock", .string(device.label)))
      }
      return JSONValue.object(members)
    }
    let exporters = exporters.sorted { $0.key < $1.key }.map { Member($0.key, .bool($0.value)) }
    return .object([
      Member("schema_version", .integer(Self.currentSchemaVersion)),
      Member("tool", .string(tool)), Member("command", .array(command.map { .string($0) })),
      Member("time", text(time)), Member("kernel", .string(kernel)),
      Member("page_size", .integer(pageSize)), Member("where", .string(location)),
      Member("devices", .array(devices)), Member("exporters", .object(exporters)),
    ])
  }

  init(_ line: JSONValue) throws(TraceError) {
    guard let version: Int = line["schema_version"]?.integer() else {
      throw TraceError("not a trace: 'schema_version' is missing")
    }
    guard 1...Self.currentSchemaVersion ~= version else {
      throw TraceError(
        "schema_version is \(version), this gemsync reads 1 to \(Self.currentSchemaVersion)")
    }
    func string(_ name: String) throws(TraceError) -> String {
      guard let text = line[name]?.string else {
        throw TraceError("'\(name)' is missing or not a string")
      }
      return text
    }
    guard let pageSize: Int = line["page_size"]?.integer(),
      1 << 12...1 << 16 ~= pageSize, pageSize.nonzeroBitCount == 1,
      let list = line["devices"]?.array, let command = line["command"]?.array,
      case .object(let exporters) = line["exporters"]
    else { throw TraceError("page_size, devices, command or exporters is missing or wrong") }
    guard list.count <= Self.mostDevices else {
      throw TraceError("\(list.count) devices are more than a machine can have")
    }
    var devices: [DeviceDescription] = []
    for value in list { devices.append(try DeviceDescription(value)) }
    self.init(
      tool: try string("tool"), command: command.compactMap(\.string),
      time: line["time"]?.string, kernel: try string("kernel"), pageSize: pageSize,
      location: try string("where"), devices: devices,
      exporters: Dictionary(
        exporters.map { ($0.name, $0.value.bool ?? false) }, uniquingKeysWith: { $1 }))
    schemaVersion = version
  }
}

extension DeviceDescription {
  fileprivate init(_ value: JSONValue) throws(TraceError) {
    guard let driver = value["driver"]?.string, let version = value["version"]?.string else {
      throw TraceError("a device has no driver or version: \(value.json)")
    }
    let nodes = [value["render_node"]?.string, value["primary_node"]?.string]
    if let path = nodes.compactMap(\.self).first(where: { !TracePaths.isNode($0) }) {
      throw TraceError("'\(path)' is no node")
    }
    self.init(
      label: value["mock"]?.string, renderNode: nodes[0], primaryNode: nodes[1],
      driver: driver, version: version, isCoherent: value["coherent"]?.bool)
  }
}
