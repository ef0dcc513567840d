// SPDX-License-Identifier: MIT

/// How many steps of a script were carried out, and how many left out.
public struct StepCounts: Hashable, Sendable, Codable {
  public let executed: Int
  public let skipped: Int

  /// Counts steps.
  public init(executed: Int, skipped: Int) {
    self.executed = executed
    self.skipped = skipped
  }
}
