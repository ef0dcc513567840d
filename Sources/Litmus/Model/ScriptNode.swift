// SPDX-License-Identifier: MIT

public import DRMDrivers

/// A node that a script opens.
public struct ScriptNode: Hashable, Sendable {
  public let name: String
  /// The drivers that the script accepts for it, in order of preference.
  public let drivers: [ScriptDriver]
  /// The coherency that its driver believes in; nil for what is true of the device.
  public let claim: CoherencyClaim?

  /// What the firmware says of a device: `dma-coherent` in the device tree.
  public enum CoherencyClaim: String, CaseIterable, Hashable, Sendable {
    case coherent
    case nonCoherent = "non_coherent"
  }

  /// Whether it runs jobs.
  public var hasGPU: Bool { drivers.allSatisfy { $0.drm?.drivesGPU == true } }

  /// Whether its BOs have GEM handles; the others' BOs are dma-bufs from the start.
  public var hasHandles: Bool { drivers.allSatisfy { $0.drm != nil } }

  /// Whether its BOs have creation flags.
  public var hasFlags: Bool { drivers.allSatisfy { !$0.creationFlags.isEmpty } }
}

/// What creates the BOs of a script's node: a DRM driver, or an exporter of dma-bufs without GEM handles.
public enum ScriptDriver: Hashable, Sendable, CaseIterable, CustomStringConvertible {
  case drm(DRMDriver)
  /// The system dma-heap, `/dev/dma_heap/system`.
  case systemHeap
  /// `/dev/udmabuf`.
  case udmabuf

  public static var allCases: [ScriptDriver] {
    DRMDriver.allCases.map(ScriptDriver.drm) + [.systemHeap, .udmabuf]
  }

  /// Creates the driver that a script names; nil for an unknown name.
  public init?(name: String) {
    guard let driver = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = driver
  }

  /// The name in scripts and reports: the kernel's.
  public var name: String {
    switch self {
    case .drm(let driver): driver.name
    case .systemHeap: "system_heap"
    case .udmabuf: "udmabuf"
    }
  }

  public var description: String { name }

  /// The DRM driver; nil for the other exporters.
  public var drm: DRMDriver? {
    if case .drm(let driver) = self { driver } else { nil }
  }

  /// The creation flags of its BOs.
  public var creationFlags: Set<DriverFacts.CreationFlag> { drm?.facts.creationFlags ?? [] }
}

extension [ScriptDriver] {
  /// The names as alternatives, such as `panthor or panfrost`.
  public var alternatives: String { map(\.name).joined(separator: " or ") }
}
