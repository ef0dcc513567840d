// SPDX-License-Identifier: MIT

/// Tells what cache maintenance a kernel did: a mock from its record, Linux by its `dma:*` trace events.
public protocol MaintenanceObserver: Sendable {
  /// Starts to watch; BOs that are there already are not known.
  ///
  /// - Throws: what the kernel refuses it with.
  func begin() throws(Errno)

  /// Answers what was done since the last call, or since the begin, oldest first.
  func take() throws(Errno) -> [MaintenanceRecord]

  /// Stops watching.
  func end()
}
