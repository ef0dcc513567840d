// SPDX-License-Identifier: MIT

public import DRMKernel

/// Cache maintenance as text: `own: clean 0..<64, invalidate 0..<64`, or `nothing`.
public enum MaintenanceText {
  /// Describes the maintenance of each device: the node `own`, another node, or a named exporter.
  public static func text(_ records: [MaintenanceRecord], own: String?) -> String {
    var devices: [(name: String, actions: [(MaintenanceRecord.Action, [Range<UInt64>])])] = []
    for record in records {
      let isNode = record.device.hasPrefix("/dev/dri/")
      let name = record.device == own ? "own" : isNode ? "other" : record.device
      let device = devices.firstIndex { $0.name == name } ?? devices.endIndex
      if device == devices.endIndex { devices.append((name, [])) }
      if let action = devices[device].actions.firstIndex(where: { $0.0 == record.action }) {
        devices[device].actions[action].1.append(record.range)
      } else {
        devices[device].actions.append((record.action, [record.range]))
      }
    }
    guard !devices.isEmpty else { return "nothing" }
    return devices.map { device in
      let actions = device.actions.map { action, ranges in
        "\(action.rawValue) " + union(ranges).map { "\($0)" }.joined(separator: " ")
      }
      return "\(device.name): " + actions.joined(separator: ", ")
    }.joined(separator: "; ")
  }

  private static func union(_ ranges: [Range<UInt64>]) -> [Range<UInt64>] {
    var union: [Range<UInt64>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = union.last, range.lowerBound <= last.upperBound {
        union[union.count - 1] =
          last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        union.append(range)
      }
    }
    return union
  }
}

/// Records the cache maintenance during one check, and judges it as text.
///
/// A kernel syncs segment by segment, and the placement of pages differs from run to run. Therefore the
/// union of the ranges of each action counts, in the order in which the actions started.
struct MaintenanceWatch {
  private let probe: Probe
  private let observer: any MaintenanceObserver

  /// Starts recording.
  init(_ probe: Probe) throws {
    guard let observer = probe.maintenance else {
      throw Mismatch(subject: "maintenance", expected: "an observer", observed: "none")
    }
    try observer.begin()
    self.probe = probe
    self.observer = observer
  }

  func end() { observer.end() }

  /// Discards what was recorded so far.
  func discard() throws {
    _ = try observer.take()
  }

  /// Judges what was recorded since the last time: `own: clean 0..<64`, or `nothing`.
  func expect(_ wanted: String) throws {
    let text = MaintenanceText.text(try observer.take(), own: probe.renderPath)
    try probe.expectEqual("maintenance", text, wanted)
  }
}
