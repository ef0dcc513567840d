// SPDX-License-Identifier: MIT

/// Which rules a device's driver has for cached mappings: those that came to be, or those that were proposed.
public enum DriverPolicy: String, CaseIterable, Hashable, Sendable {
  /// What Linux has.
  case merged
  /// The fourth version of the series: syncs say for whom and for which access, and a dma-buf's hooks are such
  /// syncs.
  case seriesV4 = "series-v4"
  /// What the thread about it agreed on: cached BOs are not shared.
  case privateWB = "private-wb"
}
