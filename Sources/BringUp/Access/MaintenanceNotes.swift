// SPDX-License-Identifier: MIT

internal import DRMConformance
internal import DRMKernel

/// Takes note of the cache maintenance that a kernel does while memory is accessed.
final class MaintenanceNotes {
  private let observer: any MaintenanceObserver
  private let path: String

  /// Starts to watch; nil where nobody can tell.
  init?(_ machine: AccessMachine) throws(Errno) {
    guard let observer = machine.maintenance else { return nil }
    try observer.begin()
    self.observer = observer
    path = machine.path
  }

  func end() { observer.end() }

  func forget() { _ = try? observer.take() }

  /// Says what was done since the last time.
  func take() -> String? {
    (try? observer.take()).map { MaintenanceText.text($0, own: path) }
  }
}
