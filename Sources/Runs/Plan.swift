// SPDX-License-Identifier: MIT

public import DRM
public import Devices
internal import DRMDrivers
internal import Fuzzing
public import Reports

/// What a run will do: the devices, and one item for each check or script on each of them.
public struct Plan: Hashable, Sendable, Codable {
  /// Increases when a field changes its meaning or is removed; new fields do not change it.
  public static let currentSchemaVersion = 1
  /// The most items of a plan.
  public static let mostItems = 5_000_000
  /// The most items of a plan that a folder keeps.
  public static let mostItemsInFolder = 200_000

  public let schemaVersion: Int
  /// The program and its version.
  public let tool: String
  /// The command with its arguments.
  public let command: [String]
  public let work: Work
  public let policy: RunPolicy
  /// Whether each item has a process of its own.
  public let isIsolated: Bool
  /// The devices in the order of the report.
  public let devices: [DeviceRow]
  /// How another process finds each of the devices.
  let choices: [DeviceChoice]
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

  /// Creates a plan for selected devices.
  public init(
    tool: String, command: [String], on selections: [Selection], work: Work, policy: RunPolicy,
    isIsolated: Bool, items: [Item]
  ) {
    let devices = selections.flatMap(\.devices)
    self.init(
      tool: tool, command: command, work: work, policy: policy, isIsolated: isIsolated,
      devices: devices.map { DeviceRow($0.description) },
      choices: DeviceChoice.choices(of: devices),
      ignored: selections.flatMap(\.ignored).map(IgnoredRow.init), items: items)
  }

  init(
    tool: String, command: [String], work: Work, policy: RunPolicy, isIsolated: Bool = false,
    devices: [DeviceRow],
    choices: [DeviceChoice] = [], ignored: [IgnoredRow] = [], items: [Item]
  ) {
    schemaVersion = Self.currentSchemaVersion
    (self.tool, self.command, self.work, self.policy) = (tool, command, work, policy)
    self.isIsolated = isIsolated
    (self.devices, self.choices, self.ignored, self.items) = (devices, choices, ignored, items)
  }

  /// Opens the devices again.
  ///
  /// - Throws: where one cannot be used, or is of another driver than when the plan was made.
  public func openDevices() throws(DeviceError) -> [DRMDevice] {
    // All mocks are those of one machine.
    var machines: [[String]: [DRMDevice]] = [:]
    var opened: [DRMDevice] = []
    for (choice, row) in zip(choices, devices) {
      let machine: [DRMDevice]
      if let known = machines[choice.selectors] {
        machine = known
      } else {
        machine = try choice.openMachine()
      }
      machines[choice.selectors] = machine
      let device = try choice.device(of: machine)
      guard device.description.driver == row.driver, device.description.isCoherent == row.coherent
      else {
        throw DeviceError(
          description:
            "\(row.device): \(device.description.driver) now, \(row.driver) when the run began",
          exitCode: 1)
      }
      opened.append(device)
    }
    return opened
  }

  /// Returns the items for one device.
  ///
  /// - Parameters:
  ///   - seed: for a random order, which differs from round to round; nil for the order of the names.
  ///   - count: the number of items of the plan before them.
  public static func items(
    _ names: [String], on device: Int, rounds: Int, shuffledBy seed: UInt64?, after count: Int
  ) -> [Item] {
    var random = SeededRandom(seed: seed ?? 0)
    var items: [Item] = []
    for round in 1...rounds {
      for name in seed == nil ? names : names.shuffled(by: &random) {
        items.append(
          Item(number: count + items.count, device: device, name: name, round: round))
      }
    }
    return items
  }

  /// The number of items on each device.
  public var itemCounts: [Int] {
    var counts = devices.map { _ in 0 }
    for item in items { counts[item.device] += 1 }
    return counts
  }

  /// The names of the items, each once, in their order.
  public var names: [String] {
    var seen: Set<String> = []
    return items.map(\.name).filter { seen.insert($0).inserted }
  }

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case isIsolated = "isolated"
    case tool, command, work, policy, devices, choices, ignored, items
  }
}
