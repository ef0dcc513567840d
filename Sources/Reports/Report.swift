// SPDX-License-Identifier: MIT

public import DRM
public import DRMConformance
public import DRMDrivers
public import Devices

/// A run of checks in the JSON format, which `gemsync diff` reads.
public struct Report: Hashable, Sendable, Codable, JSONDocument {
  /// Increases when a field changes its meaning or is removed; new fields do not change it.
  public static let currentSchemaVersion = 1

  public let schemaVersion: Int
  public let devices: [DeviceRow]
  public let ignored: [IgnoredRow]
  public let results: [ResultRow]
  /// The number of results that an interrupt prevented; nil for a complete run, and then not in the JSON.
  public let notRun: Int?

  /// Creates a report of a run.
  public init(
    devices: [DeviceRow], ignored: [IgnoredRow], results: [ResultRow], notRun: Int = 0
  ) {
    schemaVersion = Self.currentSchemaVersion
    self.devices = devices
    self.ignored = ignored
    self.results = results
    self.notRun = notRun > 0 ? notRun : nil
  }

  /// Creates a report of a run on selected devices.
  public init(on selections: [Selection], results: [ResultRow], notRun: Int = 0) {
    self.init(
      devices: selections.flatMap(\.devices).map { DeviceRow($0.description) },
      ignored: selections.flatMap(\.ignored).map(IgnoredRow.init), results: results,
      notRun: notRun)
  }

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case notRun = "not_run"
    case devices, ignored, results
  }
}

/// A device of a report.
public struct DeviceRow: Hashable, Sendable, Codable {
  public let device: String
  public let driver: String
  public let version: String
  @Nullable public private(set) var coherent: Bool?
  public let coherencyFrom: String
  public let kernel: String
  public let pageSize: Int
  public let location: DeviceDescription.Location
  public let compatible: [String]
  public let features: [String]
  /// What a user must know about results for this driver.
  @Nullable public private(set) var note: String?

  /// Creates the row of a device.
  public init(_ device: DeviceDescription) {
    self.device = device.label
    driver = device.driver
    version = device.version
    coherencyFrom = device.coherencyOrigin
    kernel = device.kernel
    pageSize = device.pageSize
    location = device.location
    compatible = device.compatible
    features = device.features.names
    coherent = device.isCoherent
    note = device.caveat
  }

  enum CodingKeys: String, CodingKey {
    case device, driver, version, coherent, kernel, compatible, features, note
    case coherencyFrom = "coherency_from"
    case pageSize = "page_size"
    case location = "where"
  }
}

/// A node that is present and was not used.
public struct IgnoredRow: Hashable, Sendable, Codable {
  public let device: String
  public let reason: String

  /// Creates the row of a node.
  public init(_ ignored: IgnoredDevice) {
    device = ignored.path
    reason = ignored.reason
  }
}

/// The result of one check or script on one device.
public struct ResultRow: Hashable, Sendable, Codable {
  public let id: String
  public private(set) var verdict: Verdict
  public let expected: [String]
  public let observed: [String]
  public let seconds: Double
  public let device: String
  public let driver: String
  @Nullable public private(set) var coherent: Bool?
  @Nullable public private(set) var reason: String?
  /// For a script; null for a check.
  @Nullable public private(set) var steps: StepCounts?
  /// How many times it was tried; nil, and then not in the JSON, for one attempt.
  public private(set) var attempts: Int?

  /// Creates the row of a result.
  public init(_ result: CheckResult, on device: DeviceDescription, steps: StepCounts? = nil) {
    self.init(result, on: DeviceRow(device), steps: steps)
  }

  /// Creates the row of a result on the device of another row.
  public init(_ result: CheckResult, on device: DeviceRow, steps: StepCounts? = nil) {
    id = result.id
    verdict = result.verdict
    expected = result.expected
    observed = result.observed
    seconds = result.seconds
    self.device = device.device
    driver = device.driver
    coherent = device.coherent
    reason = result.reason
    self.steps = steps
  }

  /// Returns the row with another verdict and reason.
  public func judged(_ verdict: Verdict, _ reason: String?) -> ResultRow {
    var row = self
    (row.verdict, row.reason) = (verdict, reason)
    return row
  }

  /// Returns the row of the last of several attempts; where the last one passed, the reason says that it is flaky.
  ///
  /// - Parameter failure: the reason of the first attempt that failed.
  public func retried(_ attempts: Int, after failure: String?) -> ResultRow {
    var row = self
    row.attempts = attempts
    if verdict == .pass {
      row.reason =
        "flaky: failed \(attempts - 1) of \(attempts) attempts: \(failure ?? "no reason given")"
    }
    return row
  }

  /// Whether it passed after a failed attempt.
  public var isFlaky: Bool { verdict == .pass && attempts != nil }
}

extension [ResultRow] {
  /// 1 where a row neither passed nor was skipped, 77 where all were skipped, else 0.
  public var exitCode: Int32 {
    if contains(where: { !$0.verdict.isGood }) { return 1 }
    return contains { $0.verdict == .pass } ? 0 : 77
  }
}

/// The selected checks in JSON, as `gemsync check --list` prints them.
public struct CheckList: Sendable, Encodable, JSONDocument {
  public let schemaVersion = Report.currentSchemaVersion
  public let checks: [Row]

  /// A check with its statement.
  public struct Row: Sendable, Encodable {
    public let id: String
    public let statement: String
  }

  /// Creates a list.
  public init(_ checks: [Check]) {
    self.checks = checks.map { Row(id: $0.id, statement: $0.statement) }
  }

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case checks
  }
}

extension CheckResult {
  /// Returns the result with the names of mocks in its reason, in place of their nodes.
  public func naming(_ device: DRMDevice) -> CheckResult {
    CheckResult(
      id: id, verdict: verdict, expected: expected, observed: observed, seconds: seconds,
      reason: reason.map { device.machine.namingMocks(in: $0) })
  }
}
