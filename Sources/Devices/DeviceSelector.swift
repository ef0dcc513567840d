// SPDX-License-Identifier: MIT

public import DRM
public import DRMDrivers
public import DRMKernel
internal import MockDRM

/// The value of `--device`: which devices a command uses.
public enum DeviceSelector: Hashable, Sendable {
  /// A node by path: `/dev/dri/renderD128`.
  case path(String)
  /// Every node of a driver: `driver:panthor`.
  case driver(String)
  /// Every node with a `compatible` of the device tree: `of:compatible=rockchip,rk3588-mali`.
  case compatible(String)
  /// Every GPU node of a supported driver: `all`.
  case all
  /// A mock device: `mock:panthor,minor=6`.
  case mock(MockSelector)
  /// The Mali node with the lowest number, or a mock on a machine without a Mali.
  case automatic

  /// Reads a `--device` argument.
  public init(parsing text: String) throws(DeviceError) {
    if text == "all" {
      self = .all
    } else if text.hasPrefix("/") {
      self = .path(text)
    } else if let name = Self.rest(of: text, after: "driver:") {
      self = .driver(name)
    } else if let compatible = Self.rest(of: text, after: "of:compatible=") {
      self = .compatible(compatible)
    } else if let mock = Self.rest(of: text, after: "mock:") {
      self = .mock(try MockSelector(parsing: mock))
    } else {
      throw DeviceError.usage(
        "no device is called '\(text)'; give a path, driver:NAME, of:compatible=NAME, mock:NAME, "
          + "mock:all or all"
      )
    }
  }

  /// Reads several arguments; all mock devices are in one machine, so that they can share BOs.
  ///
  /// - Throws: for a text that names no device, and for an option of the machine that differs from the first mock's.
  public static func list(parsing texts: [String]) throws(DeviceError) -> [DeviceSelector] {
    var selectors: [DeviceSelector] = []
    var machine: MockSelector?
    for text in texts {
      let selector = try DeviceSelector(parsing: text)
      if case .mock(let mocks) = selector {
        machine = try machine?.adding(mocks) ?? mocks
      } else {
        selectors.append(selector)
      }
    }
    return selectors + (machine.map { [.mock($0)] } ?? [])
  }

  private static func rest(of text: String, after prefix: String) -> String? {
    guard text.hasPrefix(prefix), text.count > prefix.count else { return nil }
    return String(text.dropFirst(prefix.count))
  }
}

/// The mock devices that a `mock:` selector names.
public struct MockSelector: Hashable, Sendable {
  let profiles: [MockProfile]
  /// The names in results, as they were given; those of `mock:all` have their options.
  let names: [String]
  /// The options as they were given, such as `minor=6`.
  let options: [String]

  /// Reads the text after `mock:`.
  public init(parsing text: String) throws(DeviceError) {
    do throws(MockProfile.ParseError) {
      profiles = try MockProfile.list(parsing: text)
    } catch {
      throw DeviceError.usage("--device mock:\(text): \(error)")
    }
    names = profiles.count == 1 ? ["mock:\(text)"] : profiles.map { "mock:\($0)" }
    options = text.split(separator: ",").dropFirst().map(String.init)
  }

  init(_ profiles: [MockProfile], names: [String]) {
    self.profiles = profiles
    self.names = names
    options = []
  }

  /// Returns the mocks of both, as those of one machine.
  fileprivate func adding(_ other: MockSelector) throws(DeviceError) -> MockSelector {
    for option in other.options where MockProfile.machineOptions.contains(option.optionName) {
      let values = [self, other].map { $0.profiles[0].value(of: option.optionName) }
      guard values[0] == values[1] else {
        throw DeviceError.usage(
          "--device \(other.names[0]): mocks share one machine, which takes '\(option)' of the first "
            + "mock only")
      }
    }
    return MockSelector(profiles + other.profiles, names: names + other.names)
  }
}

extension MockProfile {
  /// The options that a machine takes of its first mock.
  fileprivate static let machineOptions = ["evict", "fill", "invalidate", "jobs", "line", "page"]

  /// Returns the value of an option by its name; equal values have equal texts.
  func value(of option: String) -> String {
    switch option {
    case "coherent": "\(isCoherent)"
    case "minor": "\(minor)"
    case "kernel": kernel.rawValue
    case "page": "\(pageSize)"
    case "heap": "\(hasHeap)"
    case "policy": policy.rawValue
    case "jobs": jobs.rawValue
    case "evict": "\(caches.evict)"
    case "fill": "\(caches.fill)"
    case "invalidate": "\(caches.invalidate)"
    case "line": "\(caches.lineSize)"
    default: fault?.rawValue ?? ""
    }
  }
}

extension String {
  /// The name of a mock option: `minor` of `minor=6`.
  var optionName: String { String(prefix { $0 != "=" }) }
}

extension [DeviceDescription] {
  /// Returns a text with the names of mocks in place of the paths of their nodes.
  public func namingMocks(in text: String) -> String {
    var names: [(path: String, label: String)] = []
    for device in self where device.location == .mock {
      for path in [device.path, device.renderNode, device.primaryNode].compactMap(\.self) {
        names.append((path, device.label))
      }
    }
    // A path may begin with another: card10 and card1.
    return names.sorted { $0.path.count > $1.path.count }
      .reduce(text) { $0.replacing($1.path, with: $1.label) }
  }
}

/// A node that is present and not used.
public struct IgnoredDevice: Hashable, Sendable {
  public let path: String
  public let reason: String
}

/// The devices of a selector.
public struct Selection: Sendable {
  public let devices: [DRMDevice]
  public let ignored: [IgnoredDevice]
  /// What the user must know before any result, such as the fallback to a mock; nil where there is nothing.
  public let notice: String?

  /// Creates a selection.
  public init(devices: [DRMDevice], ignored: [IgnoredDevice] = [], notice: String? = nil) {
    (self.devices, self.ignored, self.notice) = (devices, ignored, notice)
  }
}

extension Selection {
  /// Returns the selection with a substitute for the kernel of each device.
  public func answered(by kernel: Kernel) -> Selection {
    Selection(
      devices: devices.map { $0.answered(by: kernel) }, ignored: ignored, notice: notice)
  }
}

/// The reason why no device can be used, in one line.
public struct DeviceError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
  /// 2 for a name that no device can have, 1 for a device that is not there or cannot be used.
  public let exitCode: Int32

  /// Creates an error.
  public init(description: String, exitCode: Int32) {
    self.description = description
    self.exitCode = exitCode
  }

  static func usage(_ description: String) -> DeviceError {
    DeviceError(description: description, exitCode: 2)
  }

  static func unusable(_ description: String) -> DeviceError {
    DeviceError(description: description, exitCode: 1)
  }
}
