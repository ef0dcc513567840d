// SPDX-License-Identifier: MIT

/// Which rules of the 2025 series a driver follows.
public enum SyncPolicy: String, CaseIterable, Hashable, Sendable {
  /// What was merged for Linux 7.0.
  case merged
  /// The hook and the flags as the fourth version of the series proposed them.
  case seriesV4 = "series-v4"
  /// What the thread agreed on: WB mappings are private.
  case privateWB = "private-wb"
}
