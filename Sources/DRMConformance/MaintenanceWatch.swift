// SPDX-License-Identifier: MIT

internal import DRMKernel

/// Watches the cache maintenance of one check, and judges it in words.
///
/// A kernel syncs segment by segment, and where pages lie differs from run to run: what counts is the union
/// of the bytes of each action, in the order in which the actions began.
struct MaintenanceWatch {
  private let probe: Probe
  private let observer: any MaintenanceObserver

  /// Starts to watch.
  init(_ probe: Probe) throws {
    guard let observer = probe.maintenance else {
      throw Mismatch(subject: "maintenance", expected: "an observer", observed: "none")
    }
    try observer.begin()
    self.probe = probe
    self.observer = observer
  }

  func end() { observer.end() }

  /// Forgets what was done so far.
  func forget() throws {
    _ = try observer.take()
  }

  /// Judges what was done since the last time: `own: clean 0..<64, invalidate 0..<64`, or `nothing`.
  func expect(_ wanted: String) throws {
    let text = MaintenanceText.text(try observer.take(), own: probe.renderPath)
    try probe.expectEqual("maintenance", text, wanted)
  }
}
