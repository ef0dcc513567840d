// SPDX-License-Identifier: MIT

/// One statement about the interface, and how to find out whether it holds.
public struct Check: Sendable {
  /// Stable, dotted, `[a-z0-9_]` per part, such as `panthor.bo_sync.range_past_end`.
  public let id: String
  /// The fact, in one sentence.
  public let statement: String
  /// What the device must have; where it has not, the check is skipped with that reason.
  public let requires: [Requirement]
  /// Whether a kernel that is right still prints a WARN, which marks it tainted until it reboots.
  public let provokesWarning: Bool
  let body: @Sendable (Probe) throws -> Void

  init(
    _ id: String,
    _ statement: String,
    _ requires: Requirement...,
    provokesWarning: Bool = false,
    body: @escaping @Sendable (Probe) throws -> Void
  ) {
    self.init(id, statement, requires, provokesWarning: provokesWarning, body: body)
  }

  init(
    _ id: String,
    _ statement: String,
    _ requires: [Requirement],
    provokesWarning: Bool = false,
    body: @escaping @Sendable (Probe) throws -> Void
  ) {
    self.id = id
    self.statement = statement
    self.requires = requires
    self.provokesWarning = provokesWarning
    self.body = body
  }

  /// Returns the same check with one more thing that the device must have.
  func requiring(_ requirement: Requirement) -> Check {
    Check(
      id, statement, requires + [requirement], provokesWarning: provokesWarning, body: body)
  }
}
