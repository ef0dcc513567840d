// SPDX-License-Identifier: MIT

internal import CDRM

/// Until when to wait: a moment on CLOCK_MONOTONIC, as DRM's wait ioctls take it.
public struct Deadline: Hashable, Sendable {
  /// In nanoseconds.
  public let nanoseconds: Int64

  /// Creates a deadline from a moment.
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// Asks without waiting.
  public static let now = Deadline(nanoseconds: 0)

  /// Some time from now.
  public static func after(_ time: Duration) -> Deadline {
    let (seconds, attoseconds) = time.components
    return Deadline(
      nanoseconds: cdrm_monotonic_nanoseconds() + seconds * 1_000_000_000
        + attoseconds / 1_000_000_000)
  }
}
