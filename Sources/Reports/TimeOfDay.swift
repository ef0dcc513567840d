// SPDX-License-Identifier: MIT

internal import FoundationEssentials

/// The time of day as files tell it.
public enum TimeOfDay {
  /// Now, in UTC: `2026-03-01T12:00:00Z`.
  public static var now: String { Date().ISO8601Format() }
}
