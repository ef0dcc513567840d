// SPDX-License-Identifier: MIT

internal import DRM
public import DRMConformance
public import DRMDrivers
public import Devices

/// A run of checks as it is written down: the JSON format, and what `diff` reads back.
public struct Report: Hashable, Sendable, Codable {
  /// Raised when a field changes its meaning or goes away; new fields do not raise it.
  public static let currentSchemaVersion = 1

  public let schemaVersion: Int
  public let devices: [DeviceRow]
  public let ignored: [IgnoredRow]
  public let results: [ResultRow]

  /// Creates a report of what a run found.
  public init(devices: [DeviceRow], ignored: [IgnoredRow], results: [ResultRow]) {
    schemaVersion = Self.currentSchemaVersion
    self.devices = devices
    self.ignored = ignored
    self.results = results
  }

  /// Creates a report of what was found on the devices that were selected.
  public init(on selections: [Selection], results: [ResultRow]) {
    self.init(
      devices: selections.flatMap(\.devices).map { DeviceRow($0.description) },
      ignored: selections.flatMap(\.ignored).map(IgnoredRow.init), results: results)
  }

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case devices, ignored, results
  }
}

/// A device of a report.
public struct DeviceRow: Hashable, Sendable, Codable {
  public let device: String
  public let driver: String
  public let version: String
  public let coherent: Bool?
  public let coherencyFrom: String
  public let kernel: String
  public let pageSize: Int
  public let location: DeviceDescription.Location
  public let compatible: [String]
  public let features: [String]
  /// What a person must know about what is said of this driver.
  public let note: String?

  /// Writes a device down.
  public init(_ device: DeviceDescription) {
    self.device = device.label
    driver = device.driver
    version = device.version
    coherent = device.isCoherent
    coherencyFrom = device.coherencyOrigin
    kernel = device.kernel
    pageSize = device.pageSize
    location = device.location
    compatible = device.compatible
    features = device.features.names
    note = device.caveat
  }

  /// Writes every key, null where there is no value.
  public func encode(to encoder: any Encoder) throws {
    var row = encoder.container(keyedBy: CodingKeys.self)
    try row.encode(device, forKey: .device)
    try row.encode(driver, forKey: .driver)
    try row.encode(version, forKey: .version)
    try row.encode(coherent, forKey: .coherent)
    try row.encode(coherencyFrom, forKey: .coherencyFrom)
    try row.encode(kernel, forKey: .kernel)
    try row.encode(pageSize, forKey: .pageSize)
    try row.encode(location, forKey: .location)
    try row.encode(compatible, forKey: .compatible)
    try row.encode(features, forKey: .features)
    try row.encode(note, forKey: .note)
  }

  enum CodingKeys: String, CodingKey {
    case device, driver, version, coherent, kernel, compatible, features, note
    case coherencyFrom = "coherency_from"
    case pageSize = "page_size"
    case location = "where"
  }
}

/// A node that was there and was not used.
public struct IgnoredRow: Hashable, Sendable, Codable {
  public let device: String
  public let reason: String

  /// Writes a node down.
  public init(_ ignored: IgnoredDevice) {
    device = ignored.path
    reason = ignored.reason
  }
}

/// What became of one check on one device.
public struct ResultRow: Hashable, Sendable, Codable {
  public let id: String
  public let device: String
  public let driver: String
  public let coherent: Bool?
  public let verdict: Verdict
  public let expected: [String]
  public let observed: [String]
  public let seconds: Double
  public let reason: String?
  /// Of a script; null for a check.
  public let steps: StepCounts?

  /// Writes a result down.
  public init(_ result: CheckResult, on device: DeviceDescription, steps: StepCounts? = nil) {
    self.steps = steps
    id = result.id
    self.device = device.label
    driver = device.driver
    coherent = device.isCoherent
    verdict = result.verdict
    expected = result.expected
    observed = result.observed
    seconds = result.seconds
    reason = result.reason
  }

  /// Writes every key, null where there is no value.
  public func encode(to encoder: any Encoder) throws {
    var row = encoder.container(keyedBy: CodingKeys.self)
    try row.encode(id, forKey: .id)
    try row.encode(device, forKey: .device)
    try row.encode(driver, forKey: .driver)
    try row.encode(coherent, forKey: .coherent)
    try row.encode(verdict, forKey: .verdict)
    try row.encode(expected, forKey: .expected)
    try row.encode(observed, forKey: .observed)
    try row.encode(seconds, forKey: .seconds)
    try row.encode(reason, forKey: .reason)
    try row.encode(steps, forKey: .steps)
  }
}
