// SPDX-License-Identifier: MIT

public import Policies

/// The policies' answers as they are written down.
public struct PolicyReport: Sendable, Encodable {
  public let schemaVersion: Int
  public let answers: [PolicyAnswer]

  /// Writes a table down.
  public init(_ table: PolicyTable) {
    schemaVersion = Report.currentSchemaVersion
    answers = table.answers
  }

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case answers
  }

  /// Writes the report as JSON: keys sorted, one trailing newline.
  public func json() -> String { JSON.text(self) }
}
