// SPDX-License-Identifier: MIT

public import DRMDrivers

extension DeviceResolver {
  // An exploration covers all their values, or knows nothing of them.
  private static let unexploredOptions = [
    "evict", "fill", "invalidate", "jobs", "fault", "break", "heap",
  ]

  /// Returns the descriptions of devices to explore for.
  ///
  /// - Throws: also for an option of a mock that has no effect on an exploration.
  public func explored(_ selectors: [String]) throws(DeviceError) -> [DeviceDescription] {
    for selector in selectors where selector.hasPrefix("mock:") {
      let options = selector.split(separator: ",").dropFirst().map(String.init)
      if let option = options.first(where: { Self.unexploredOptions.contains($0.optionName) }) {
        throw DeviceError.usage(
          "--device \(selector): '\(option)' has no effect on an exploration, which covers every "
            + "eviction, fill and job time")
      }
    }
    return try descriptions(of: selectors)
  }

  /// Returns the devices that arguments of the form `NAME=DEVICE` name for nodes of scripts.
  public func nodes(_ arguments: [String]) throws(DeviceError) -> [String: DeviceDescription] {
    var nodes: [String: DeviceDescription] = [:]
    for argument in arguments {
      guard let separator = argument.firstIndex(of: "=") else {
        throw DeviceError.usage("--node \(argument): this is not NAME=DEVICE")
      }
      let name = String(argument[..<separator])
      let devices = try explored([String(argument[argument.index(after: separator)...])])
      guard devices.count == 1, nodes.updateValue(devices[0], forKey: name) == nil else {
        throw DeviceError.usage("--node \(argument): a node takes one device")
      }
    }
    return nodes
  }
}
