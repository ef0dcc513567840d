// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import DRMKernel
public import Devices

/// The results of `gemsync list` and `gemsync doctor`: the devices of a machine with their states.
public struct MachineReport: Hashable, Sendable, Codable, JSONDocument {
  public let schemaVersion: Int
  /// The kernel's release; null for mocks.
  @Nullable public private(set) var kernel: String?
  /// What shows that the process is in a container; null outside of one.
  @Nullable public private(set) var container: String?
  /// What commands without `--device` use: a node, `mock:panthor`, or null where they fail.
  @Nullable public private(set) var choice: String?
  public let devices: [Row]
  /// What was not read because of a bound.
  public let omissions: [String]

  /// A device with its state.
  public struct Row: Hashable, Sendable, Codable {
    public let name: String
    public let kind: MachineDevice.Kind
    public let state: MachineDevice.State
    /// The state in a few words.
    public let summary: String
    /// Why it is in this state, in a sentence; empty for a usable device.
    public let reason: String
    @Nullable public private(set) var driver: String?
    @Nullable public private(set) var version: String?
    @Nullable public private(set) var coherent: Bool?
    /// The name in sysfs, or of the node in the device tree.
    @Nullable public private(set) var device: String?
    public let compatible: [String]
    public let nodes: [String]
    public let evidence: [Evidence]
    /// Commands to try next.
    public let advice: [String]
    /// What does not work although the device is usable.
    public let limits: [String]
    private let coherencyText: String?

    /// A text that the state follows from, and where it was read.
    public struct Evidence: Hashable, Sendable, Codable {
      public let source: String
      public let text: String
    }

    enum CodingKeys: String, CodingKey {
      case name, kind, state, summary, reason, driver, version, coherent, device, compatible, nodes
      case evidence, limits
      case advice = "try"
      case coherencyText = "coherency"
    }
  }

  /// Creates a report of a machine.
  public init(_ machine: Machine) {
    schemaVersion = Report.currentSchemaVersion
    kernel = machine.kernelRelease
    container = machine.container
    choice =
      switch machine.choice {
      case .node(let path): path
      case .mock: "mock:panthor"
      case .none: nil
      }
    devices = (machine.devices + machine.exporters).map(Row.init)
    omissions = machine.record.omissions
  }

  /// Creates a report of mocks.
  public init(mocks: [MachineDevice]) {
    schemaVersion = Report.currentSchemaVersion
    kernel = nil
    container = nil
    choice = nil
    devices = mocks.map(Row.init)
    omissions = []
  }

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case choice = "default"
    case kernel, container, devices, omissions
  }

  private var malis: [Row] { devices.filter { $0.kind == .mali && $0.state != .disabled } }

  /// 0 where a Mali GPU is usable, 1 where none of those that are there is, 77 where there is none.
  public var exitCode: Int32 {
    if malis.contains(where: { $0.state == .usable }) { return 0 }
    return malis.isEmpty ? 77 : 1
  }

  /// Whether a device of a supported driver is usable.
  public var hasUsableDevice: Bool {
    devices.contains { $0.kind != .exporter && $0.state == .usable }
  }

  /// One line for each device.
  public var list: String { devices.map { $0.line + "\n" }.joined() }

  private var choiceText: String {
    let isWithoutSysfs = omissions.contains { $0.hasPrefix("/sys: ") }
    return switch choice {
    case "mock:panthor"? where isWithoutSysfs:
      "No Mali GPU was found, but /sys is empty: without --device, commands run on mock:panthor."
    case "mock:panthor"?: "There is no Mali GPU: without --device, commands run on mock:panthor."
    case let path?: "Without --device, commands use \(path)."
    case nil: "Without --device, commands fail with exit code 1."
    }
  }

  /// A paragraph for each device, then what commands without `--device` do.
  public var paragraphs: String {
    var parts = devices.filter { $0.kind != .exporter || $0.state != .usable }.map(\.paragraph)
    let usable = devices.filter { $0.kind == .exporter && $0.state == .usable }.map(\.line)
    if !usable.isEmpty { parts.append(usable.joined(separator: "\n")) }
    parts += omissions.map { "not read: \($0)" }
    parts.append(choiceText)
    return parts.map { $0 + "\n" }.joined(separator: "\n")
  }
}

extension MachineReport.Row {
  init(_ device: MachineDevice) {
    name = device.name
    kind = device.kind
    state = device.state
    summary = device.summary
    reason = device.explanation
    driver = device.driver
    version = device.description?.version
    coherent = device.description?.isCoherent
    coherencyText = device.description?.coherencyText
    self.device = device.device
    compatible = device.compatible
    nodes = [device.renderNode, device.primaryNode].compactMap(\.self)
    evidence = device.evidence.map { Evidence(source: $0.source, text: $0.text) }
    advice = device.advice
    limits = device.limits
  }

  /// `/dev/dri/renderD128  usable  panthor 1.9.0  non-coherent (selected_coherency)  rockchip,rk3588-mali`.
  var line: String {
    var parts = [name, summary]
    if let driver { parts.append(version.map { "\(driver) \($0)" } ?? driver) }
    if let coherencyText { parts.append(coherencyText) }
    if let first = compatible.first { parts.append(first) }
    return parts.map(\.printable).joined(separator: "  ")
  }

  var paragraph: String {
    var lines = [line]
    func add(_ label: String, _ texts: [String]) {
      for (index, text) in texts.enumerated() {
        let start = index == 0 ? label : ""
        let padding = String(repeating: " ", count: 6 - start.count)
        lines.append("  \(start)\(padding)\(text.printable)")
      }
    }
    add("why", reason.isEmpty ? [] : [reason])
    add("seen", evidence.map { "\($0.source): \($0.text)" })
    add("note", limits)
    add("try", advice)
    return lines.joined(separator: "\n")
  }
}
