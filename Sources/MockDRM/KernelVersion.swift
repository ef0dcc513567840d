// SPDX-License-Identifier: MIT

/// A kernel whose answers are modelled: those of Debian's that every check was compared with.
public enum KernelVersion: String, CaseIterable, Comparable, Hashable, Sendable {
  case v6_12 = "6.12"
  case v7_2 = "7.2"
  case v7_3 = "7.3"

  /// The newest that is modelled.
  public static let newest = v7_3

  public static func < (one: Self, other: Self) -> Bool {
    one.order < other.order
  }

  private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
