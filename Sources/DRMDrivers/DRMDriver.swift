// SPDX-License-Identifier: MIT

/// A DRM driver of the kernel that this package supports.
///
/// To support another driver, add a case here and a file with its facts. Client, mock and layouts then
/// switch over the new case, and do not compile before each of them has its part.
public enum DRMDriver: String, CaseIterable, Hashable, Sendable, Codable {
  /// Mali GPUs with command streams: `drivers/gpu/drm/panthor`.
  case panthor
  /// Mali GPUs with job slots: `drivers/gpu/drm/panfrost`.
  case panfrost
  /// PowerVR GPUs: `drivers/gpu/drm/imagination`.
  case powervr
  /// BOs without a device: `drivers/gpu/drm/vgem`.
  case vgem

  /// The driver's name in `DRM_IOCTL_VERSION`, such as `panthor`.
  public var name: String { rawValue }

  /// The facts about the driver that are known without a kernel.
  public var facts: DriverFacts {
    switch self {
    case .panthor: .panthor
    case .panfrost: .panfrost
    case .powervr: .powervr
    case .vgem: .vgem
    }
  }

  /// The drivers of Mali GPUs.
  public static let mali: [DRMDriver] = allCases.filter(\.drivesMali)

  /// Whether the driver's devices are Mali GPUs.
  public var drivesMali: Bool { facts.gpu == .mali }

  /// Whether there is a GPU behind the driver's nodes.
  public var drivesGPU: Bool { facts.gpu != nil }
}
