// SPDX-License-Identifier: MIT

internal import MockDRM

/// The release of a kernel, such as `7.3.4-arm64`: which kernel a mock must model.
public struct KernelRelease: Hashable, Comparable, Sendable, CustomStringConvertible {
  private let major: Int
  private let minor: Int

  init(_ major: Int, _ minor: Int) {
    (self.major, self.minor) = (major, minor)
  }

  /// Reads the first two numbers of a text; nil for a text without them.
  public init?(_ text: String) {
    let numbers = text.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
    guard numbers.count == 2 else { return nil }
    (major, minor) = (numbers[0], numbers[1])
  }

  /// The newest kernel that mocks model, such as `7.3`.
  public static var newestModelled: String { KernelVersion.newest.rawValue }

  /// The newest modelled kernel up to this release; nil for a release before the first of them.
  public var modelled: String? { version?.rawValue }

  /// Whether the release is newer than every modelled kernel.
  public var isNewerThanModelled: Bool {
    guard let newest = KernelRelease(Self.newestModelled) else { return false }
    return newest < self
  }

  public static func < (one: Self, other: Self) -> Bool {
    (one.major, one.minor) < (other.major, other.minor)
  }

  /// `7.3`.
  public var description: String { "\(major).\(minor)" }

  var version: KernelVersion? {
    KernelVersion.allCases.last { version in
      guard let known = KernelRelease(version.rawValue) else { return false }
      return known <= self
    }
  }
}
