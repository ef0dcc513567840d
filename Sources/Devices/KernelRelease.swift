// SPDX-License-Identifier: MIT

internal import MockDRM

/// A kernel's release, such as `7.3.4-arm64`, as far as it says whose answers a mock gives.
public struct KernelRelease: Hashable, Sendable {
  private let major: Int
  private let minor: Int

  /// Reads the first two numbers of a text; nil where there are none.
  public init?(_ text: String) {
    let numbers = text.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
    guard numbers.count == 2 else { return nil }
    (major, minor) = (numbers[0], numbers[1])
  }

  /// The newest kernel that mocks answer for, such as `7.3`.
  public static var newestModelled: String { KernelVersion.newest.rawValue }

  /// The newest modelled kernel that is not newer than this one; nil before the first of them.
  public var modelled: String? { version?.rawValue }

  /// Whether it is newer than every kernel that mocks answer for.
  public var isNewerThanModelled: Bool {
    guard let newest = KernelRelease(Self.newestModelled) else { return false }
    return (major, minor) > (newest.major, newest.minor)
  }

  var version: KernelVersion? {
    KernelVersion.allCases.last { version in
      guard let known = KernelRelease(version.rawValue) else { return false }
      return (known.major, known.minor) <= (major, minor)
    }
  }
}
