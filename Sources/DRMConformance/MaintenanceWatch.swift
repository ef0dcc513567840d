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
    let text = Self.text(try observer.take(), own: probe.renderPath)
    try probe.expectEqual("maintenance", text, wanted)
  }

  /// What was done by the checked device is its own; another node is the other; the rest have names.
  static func text(_ records: [MaintenanceRecord], own: String?) -> String {
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
