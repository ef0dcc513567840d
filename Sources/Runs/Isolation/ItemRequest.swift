// SPDX-License-Identifier: MIT

public import DRM
internal import DRMDrivers
public import Devices
internal import FoundationEssentials
internal import Reports

/// What a child process is asked to do: one item of a run, once.
struct ItemRequest: Hashable, Sendable, Codable {
  /// The device that the item runs on.
  let device: DeviceChoice
  /// The id of a check, or the path of a script.
  let name: String
  let work: Work
  /// The file for the calls that the item makes; nil for none.
  let trace: String?
  /// The fault that is injected into this attempt; nil for none.
  let fault: Rehearsal.Fault?
}

/// A device in a form in which another process finds it again.
public struct DeviceChoice: Hashable, Sendable, Codable {
  /// Values of `--device`: the node, or all mocks of the machine.
  let selectors: [String]
  /// The index of the device among those of the machine.
  let index: Int

  /// Creates a choice.
  init(selectors: [String], index: Int) {
    (self.selectors, self.index) = (selectors, index)
  }

  /// Returns the choices of devices; mocks share one machine.
  public static func choices(of devices: [DRMDevice]) -> [DeviceChoice] {
    let mocks = devices.filter { $0.description.location == .mock }.map(\.description.label)
    var index = -1
    return devices.map { device in
      guard device.description.location == .mock else {
        return DeviceChoice(selectors: [device.path], index: 0)
      }
      index += 1
      return DeviceChoice(selectors: mocks, index: index)
    }
  }

  /// Opens the device.
  public func open() throws(DeviceError) -> DRMDevice { try device(of: openMachine()) }

  /// Opens the device's machine.
  func openMachine() throws(DeviceError) -> [DRMDevice] {
    var devices: [DRMDevice] = []
    for selector in try DeviceSelector.list(parsing: selectors) {
      devices += try DeviceResolver().resolve(selector).devices
    }
    return devices
  }

  /// Returns the device of its machine.
  func device(of devices: [DRMDevice]) throws(DeviceError) -> DRMDevice {
    guard devices.indices.contains(index) else {
      throw DeviceError(description: "\(selectors): there is no device \(index)", exitCode: 1)
    }
    return devices[index]
  }
}

/// A message of a child process to the process that runs it.
enum ItemMessage: Hashable, Sendable, Codable {
  /// A call to the kernel begins.
  case began(String)
  /// The call returned.
  case returned
  /// The item cannot be carried out.
  case failed(String)
  /// The device cannot be used any more; a result may follow.
  case lost(String)
  /// The result; nothing follows it.
  case ended(ResultRow)

  /// The largest message in bytes; a longer line comes from something else.
  static let mostBytes = 4 << 20
}

/// What is sent between a runner and the child process of an item: one line of JSON.
protocol ChannelLine: Codable {}

extension ItemRequest: ChannelLine {}
extension ItemMessage: ChannelLine {}

extension ChannelLine {
  /// The value as one line.
  var line: [UInt8] {
    // Encoding cannot fail: no value here is a number that JSON lacks.
    Array((try? JSONEncoder().encode(self)) ?? Data()) + [UInt8(ascii: "\n")]
  }

  /// Reads a line; nil where it holds something else.
  init?(line: some Collection<UInt8>) {
    guard let value = try? JSONDecoder().decode(Self.self, from: Data(line)) else { return nil }
    self = value
  }
}
