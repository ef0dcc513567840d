// SPDX-License-Identifier: MIT

/// What a mock device is: driver, version, coherency and page size, and the kernel it runs under.
public struct MockProfile: Hashable, Sendable {
  /// A driver that can be mocked.
  public enum Driver: String, CaseIterable, Hashable, Sendable {
    case panthor
    case panfrost
    case tyr
    case powervr
    case vgem
  }

  public let driver: Driver
  /// Whose answers the DRM core and the dma-buf layer give.
  public let kernel: KernelVersion
  /// The minor version; the major is 1.
  public let minor: Int
  /// Whether the device snoops CPU caches.
  public let isCoherent: Bool
  /// In bytes: 4096 or 16384.
  public let pageSize: Int
  /// Whether the machine has `/dev/dma_heap/system`, which Debian's arm64 kernels lack.
  public let hasHeap: Bool
  /// The machine's caches; those of its first profile count.
  public let caches: CachePolicy
  public let policy: DriverPolicy
  /// When the machine's jobs run; its first profile's counts.
  public let jobs: JobTiming
  /// A rule the device breaks, nil for one that behaves.
  public let fault: PlantedFault?

  /// Creates a profile; the minor is the one the kernel has, unless another is given.
  public init(
    _ driver: Driver,
    kernel: KernelVersion = .newest,
    minor: Int? = nil,
    isCoherent: Bool = false,
    pageSize: Int = 4096,
    hasHeap: Bool = false,
    caches: CachePolicy = CachePolicy(),
    policy: DriverPolicy = .merged,
    jobs: JobTiming = .late,
    fault: PlantedFault? = nil
  ) {
    self.driver = driver
    self.kernel = kernel
    self.minor = minor ?? driver.minor(in: kernel)
    self.isCoherent = isCoherent
    self.pageSize = pageSize
    self.hasHeap = hasHeap
    self.caches = caches
    self.policy = policy
    self.jobs = jobs
    self.fault = fault
  }

  /// Every Mali driver, coherent and not.
  public static let all = [
    MockProfile(.panfrost), MockProfile(.panfrost, isCoherent: true),
    MockProfile(.panthor), MockProfile(.panthor, isCoherent: true),
  ]

  var compatible: [String] {
    switch driver {
    case .panfrost: ["mediatek,mt8183-mali", "arm,mali-bifrost"]
    case .panthor, .tyr: ["rockchip,rk3588-mali", "arm,mali-valhall-csf"]
    case .powervr: ["ti,am62-gpu", "img,img-axe-1-16m", "img,img-axe", "img,img-rogue"]
    case .vgem: []
    }
  }

  func makeDriver() -> any MockDriver {
    switch driver {
    case .panthor: MockPanthor(minor: minor)
    case .panfrost: MockPanfrost(minor: minor)
    case .tyr: MockTyr()
    case .powervr: MockPowerVR()
    case .vgem: MockVGEM()
    }
  }
}

extension MockProfile.Driver {
  /// The newest minor that is modelled.
  public var newestMinor: Int { minor(in: .newest) }

  /// The minor a kernel's driver reports.
  func minor(in kernel: KernelVersion) -> Int {
    switch (self, kernel) {
    case (.panthor, .v6_12): 0
    case (.panthor, .v7_2): 8
    case (.panthor, .v7_3): MockPanthor.newestMinor
    case (.panfrost, .v6_12): 2
    case (.panfrost, _): MockPanfrost.newestMinor
    case (.tyr, _): MockTyr.minor
    case (.powervr, _): MockPowerVR.minor
    case (.vgem, _): MockVGEM.minor
    }
  }
}
