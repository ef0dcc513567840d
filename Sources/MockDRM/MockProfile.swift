// SPDX-License-Identifier: MIT

/// What a mock device is: driver, version, coherency and page size.
public struct MockProfile: Hashable, Sendable {
  /// A driver that can be mocked.
  public enum Driver: String, CaseIterable, Hashable, Sendable {
    case panthor
    case panfrost
    case tyr
  }

  public let driver: Driver
  /// The minor version; the major is 1.
  public let minor: Int
  /// Whether the device snoops CPU caches.
  public let isCoherent: Bool
  /// In bytes: 4096 or 16384.
  public let pageSize: Int

  /// Creates a profile.
  public init(
    _ driver: Driver,
    minor: Int? = nil,
    isCoherent: Bool = false,
    pageSize: Int = 4096
  ) {
    self.driver = driver
    self.minor = minor ?? driver.newestMinor
    self.isCoherent = isCoherent
    self.pageSize = pageSize
  }

  /// Every driver the client speaks to, coherent and not, at its newest version.
  public static let all = [
    MockProfile(.panfrost), MockProfile(.panfrost, isCoherent: true),
    MockProfile(.panthor), MockProfile(.panthor, isCoherent: true),
  ]

  var compatible: [String] {
    driver == .panfrost
      ? ["mediatek,mt8183-mali", "arm,mali-bifrost"]
      : ["rockchip,rk3588-mali", "arm,mali-valhall-csf"]
  }

  func makeDriver() -> any MockDriver {
    switch driver {
    case .panthor: MockPanthor(minor: minor)
    case .panfrost: MockPanfrost(minor: minor)
    case .tyr: MockTyr()
    }
  }
}

extension MockProfile.Driver {
  /// The newest minor that is modelled.
  public var newestMinor: Int {
    switch self {
    case .panthor: MockPanthor.newestMinor
    case .panfrost: MockPanfrost.newestMinor
    case .tyr: MockTyr.minor
    }
  }
}
