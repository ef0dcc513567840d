// SPDX-License-Identifier: MIT

internal import MockDRM

/// Which devices a command is to use, as `--device` says it.
public enum DeviceSelector: Hashable, Sendable {
  /// A node by path: `/dev/dri/renderD128`.
  case path(String)
  /// Every node of a driver: `driver:panthor`.
  case driver(String)
  /// Every node of a device tree compatible: `of:compatible=rockchip,rk3588-mali`.
  case compatible(String)
  /// Every node of a driver that is supported: `all`.
  case all
  /// A mock device: `mock:panthor,minor=6`.
  case mock(MockSelector)
  /// The lowest-numbered Mali node, or a mock where there is no Mali at all.
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

  /// Reads several arguments; mock devices among them share one machine, and so can share BOs.
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
