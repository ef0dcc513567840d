// SPDX-License-Identifier: MIT

public import DRMDrivers

/// The properties of a mock device: driver, version, coherency, page size, and its kernel.
public struct MockProfile: Hashable, Sendable {
  /// A driver that has a mock.
  public enum Driver: Hashable, Sendable {
    /// A driver of the catalog.
    case catalogued(DRMDriver)
    /// Tyr, the Rust driver for the same GPUs as panthor; it reports the name `panthor`.
    case tyr
  }

  public let driver: Driver
  /// The kernel whose DRM core and dma-buf layer are modelled.
  public internal(set) var kernel: KernelVersion
  /// The minor version of the driver's uAPI; the major is 1.
  public internal(set) var minor: Int
  /// Whether the device snoops CPU caches.
  public internal(set) var isCoherent: Bool
  /// In bytes: 4096 or 16384.
  public internal(set) var pageSize: Int
  /// Whether the machine has `/dev/dma_heap/system`, which Debian's arm64 kernels do not have.
  public internal(set) var hasHeap: Bool
  /// The machine's caches; a machine uses those of its first profile.
  public internal(set) var caches: CachePolicy
  public internal(set) var policy: DriverPolicy
  /// When the machine's jobs run; a machine uses the timing of its first profile.
  public internal(set) var jobs: JobTiming
  /// What the device does wrong on purpose; nil for a device without a fault.
  public internal(set) var fault: InjectedFault?

  /// Creates a profile; without a minor it has the one that the kernel's driver reports.
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
    fault: InjectedFault? = nil
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

  /// Every Mali driver of the catalog by name, each not coherent and coherent.
  public static let all = DRMDriver.mali.sorted { $0.name < $1.name }.flatMap { driver in
    [false, true].map { MockProfile(.catalogued(driver), isCoherent: $0) }
  }

  /// The `compatible` strings of the device in a device tree.
  var compatible: [String] { driver.facts.compatibles.first ?? [] }

  /// Makes the mock of the driver; a driver of the catalog without a mock does not compile here.
  func makeDriver() -> any MockDriver {
    switch driver {
    case .catalogued(.panthor): MockPanthor(minor: minor)
    case .catalogued(.panfrost): MockPanfrost(minor: minor)
    case .catalogued(.powervr): MockPowerVR()
    case .catalogued(.vgem): MockVGEM()
    case .tyr: MockTyr()
    }
  }
}

extension MockProfile.Driver: RawRepresentable, CaseIterable {
  public static let panthor = Self.catalogued(.panthor)
  public static let panfrost = Self.catalogued(.panfrost)
  public static let powervr = Self.catalogued(.powervr)
  public static let vgem = Self.catalogued(.vgem)

  public static var allCases: [Self] { DRMDriver.allCases.map(Self.catalogued) + [.tyr] }

  /// Finds a driver by its name in a profile's description.
  public init?(rawValue name: String) {
    guard let driver = Self.allCases.first(where: { $0.rawValue == name }) else { return nil }
    self = driver
  }

  /// The driver's name in a profile's description, such as `panthor`.
  public var rawValue: String {
    switch self {
    case .catalogued(let driver): driver.name
    case .tyr: "tyr"
    }
  }

  /// The driver's entry in the catalog; Tyr has panthor's, because it reports that name.
  var facts: DriverFacts {
    switch self {
    case .catalogued(let driver): driver.facts
    case .tyr: DRMDriver.panthor.facts
    }
  }

  /// The newest minor that is modelled; a device with a newer one differs in nothing but its version.
  public var newestMinor: Int { self == .tyr ? MockTyr.minor : facts.newestMinor }

  /// The minor that a kernel's driver reports.
  func minor(in kernel: KernelVersion) -> Int {
    self == .tyr ? MockTyr.minor : facts.minorInLinux[kernel.rawValue] ?? newestMinor
  }
}

/// A modelled kernel: a Debian kernel with which the results of every check were compared.
public enum KernelVersion: String, CaseIterable, Comparable, Hashable, Sendable {
  case v6_12 = "6.12"
  case v7_2 = "7.2"
  case v7_3 = "7.3"

  /// The newest that is modelled.
  public static let newest = v7_3

  public static func < (one: Self, other: Self) -> Bool {
    one.order < other.order
  }

  private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// The rules that a device's driver follows for WB mappings.
public enum DriverPolicy: String, CaseIterable, Hashable, Sendable {
  /// The rules of Linux 7.0 and later.
  case merged
  /// The rules of the series' fourth version: a sync is for the CPU or the device, and for reads or writes.
  case seriesV4 = "series-v4"
  /// The rules agreed in the thread about the series: a BO with a WB mapping is not shared.
  case privateWB = "private-wb"
}
