// SPDX-License-Identifier: MIT

public import DRM
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
  public static func list(parsing texts: [String]) throws(DeviceError) -> [DeviceSelector] {
    var selectors: [DeviceSelector] = []
    var mocks: [MockProfile] = []
    for text in texts {
      let selector = try DeviceSelector(parsing: text)
      if case .mock(let mock) = selector {
        mocks += mock.profiles
      } else {
        selectors.append(selector)
      }
    }
    return mocks.isEmpty ? selectors : selectors + [.mock(MockSelector(mocks))]
  }

  private static func rest(of text: String, after prefix: String) -> String? {
    guard text.hasPrefix(prefix), text.count > prefix.count else { return nil }
    return String(text.dropFirst(prefix.count))
  }
}

/// The mock devices that a `mock:` selector names.
public struct MockSelector: Hashable, Sendable {
  let profiles: [MockProfile]

  /// Reads the text after `mock:`.
  public init(parsing text: String) throws(DeviceError) {
    do throws(MockProfile.ParseError) {
      profiles = try MockProfile.list(parsing: text)
    } catch {
      throw DeviceError.usage("--device mock:\(text): \(error)")
    }
  }

  init(_ profiles: [MockProfile]) {
    self.profiles = profiles
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
  /// 2 for a name that no device can have, 1 for a device that cannot be used.
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
