// SPDX-License-Identifier: MIT

public import Reports

/// What a run will do: the devices, and one item for each check or script on each of them.
public struct Plan: Hashable, Sendable, Codable {
  /// Increases when a field changes its meaning or is removed; new fields do not change it.
  public static let currentSchemaVersion = 1

  public let schemaVersion: Int
  /// The program and its version.
  public let tool: String
  /// The command with its arguments.
  public let command: [String]
  /// The devices in the order of the report.
  public let devices: [DeviceRow]
  /// The nodes that are present and not used.
  public let ignored: [IgnoredRow]
  /// The items in the order of the report; the number of an item is its index.
  public let items: [Item]

  /// A check or a script on a device.
  public struct Item: Hashable, Sendable, Codable {
    public let number: Int
    /// The index of the device.
    public let device: Int
    /// The id of a check, or the path of a script.
    public let name: String
    /// From 1; higher where a run repeats its items.
    public let round: Int

    /// Creates an item.
    public init(number: Int, device: Int, name: String, round: Int) {
      (self.number, self.device, self.name, self.round) = (number, device, name, round)
    }
  }

  /// Creates a plan.
  public init(
    tool: String, command: [String], devices: [DeviceRow], ignored: [IgnoredRow], items: [Item]
  ) {
    schemaVersion = Self.currentSchemaVersion
    self.tool = tool
    self.command = command
    self.devices = devices
    self.ignored = ignored
    self.items = items
  }

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case tool, command, devices, ignored, items
  }
}
