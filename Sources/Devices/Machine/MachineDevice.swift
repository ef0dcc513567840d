// SPDX-License-Identifier: MIT

public import DRMDrivers
internal import DRMKernel

/// A GPU, another DRM device or a dma-buf exporter of a machine: its state, and how that is known.
public struct MachineDevice: Hashable, Sendable {
  /// A kind of device.
  public enum Kind: String, Hashable, Sendable, Codable {
    /// A Mali GPU.
    case mali
    /// Another device with DRM nodes.
    case drm
    /// A device file that exports dma-bufs and is no DRM node.
    case exporter
    /// A mock.
    case mock
  }

  /// Whether a device can be used, and if not, why.
  public enum State: String, CaseIterable, Hashable, Sendable, Codable {
    case usable
    /// There is a device file, and this user may not open it.
    case closed
    /// The driver is bound, and there is no device file.
    case noNode = "no_node"
    /// No driver is bound, and none tried.
    case noDriver = "no_driver"
    /// The driver waits for another device.
    case deferred
    case firmwareMissing = "firmware_missing"
    case probeFailed = "probe_failed"
    /// The device tree or ACPI disables it: it counts as not there.
    case disabled
    /// Arm's own driver has it.
    case vendorDriver = "vendor_driver"
    /// A driver that gemsync does not support has it.
    case unsupported
    /// The node opens with an error.
    case failing
  }

  /// A text that a state follows from, and where it was read.
  public struct Evidence: Hashable, Sendable {
    public let source: String
    public let text: String
  }

  public internal(set) var kind: Kind
  /// The node to use, or else the device's name in sysfs, such as `fb000000.gpu`.
  public internal(set) var name: String
  /// The device's name in sysfs or its node of the device tree; nil where neither is known.
  public internal(set) var device: String?
  public internal(set) var compatible: [String] = []
  /// The driver that is bound.
  public internal(set) var driver: String?
  public internal(set) var renderNode: String?
  public internal(set) var primaryNode: String?
  /// The file of a vendor driver.
  var vendorFile: String?
  public internal(set) var state: State
  /// The state in a few words.
  public internal(set) var summary: String
  /// The state in a sentence, without a period.
  public internal(set) var explanation: String
  public internal(set) var evidence: [Evidence] = []
  /// The commands to try next.
  public internal(set) var advice: [String] = []
  /// What does not work although the device is usable.
  public internal(set) var limits: [String] = []
  /// What the driver reports; nil for a node that was not opened.
  public internal(set) var description: DeviceDescription?

  /// Whether it is a Mali GPU that is there: one that is disabled is not.
  public var isMali: Bool { kind == .mali && state != .disabled }

  /// Whether a path is one of its nodes.
  func has(_ path: String) -> Bool { [renderNode, primaryNode, vendorFile].contains(path) }

  /// The name with the `compatible` that it is known by.
  public var title: String {
    compatible.first.map { "\(name) (\($0))" } ?? name
  }

  /// One line for an error: the name, and why it cannot be used.
  var complaint: String {
    (explanation.hasPrefix(name) ? explanation : "\(title): \(explanation)").printable
  }
}
