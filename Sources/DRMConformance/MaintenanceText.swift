// SPDX-License-Identifier: MIT

public import DRMKernel

/// Cache maintenance in words: `own: clean 0..<64, invalidate 0..<64`, or `nothing`.
public enum MaintenanceText {
  /// Says what was done: by the device at the node `own`, by the other one, by what has a name.
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
