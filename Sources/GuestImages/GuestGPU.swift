// SPDX-License-Identifier: MIT

/// A Mali that the guest's kernel is to find: where its registers are and what it claims to be.
///
/// Registers are guest RAM that the kernel is told not to use: constant values are enough for both
/// drivers to probe and to serve their whole memory uAPI.
public struct GuestGPU: Hashable, Sendable {
  /// Which driver binds to it.
  public enum Driver: String, Hashable, Sendable {
    /// Job manager GPUs, up to some Valhall ones.
    case panfrost
    /// Command stream GPUs, from Valhall's third generation on.
    case panthor

    /// How many bytes of registers the driver maps.
    var registerSize: UInt64 { self == .panfrost ? 0x4000 : 0x20_0000 }
  }

  public let driver: Driver
  /// Its place in the register window.
  public let offset: UInt64
  /// Whether its device tree node says `dma-coherent`.
  public let isCoherent: Bool
  /// The first of its three shared peripheral interrupts: job, mmu, gpu.
  public let firstInterrupt: Int
  public let compatible: String
  /// The GPU_ID register: architecture, product, revision.
  public let gpuID: UInt32

  /// One of each driver and coherency.
  public static let all = [
    GuestGPU(
      driver: .panfrost, offset: 0x00_0000, isCoherent: false, firstInterrupt: 100,
      compatible: "arm,mali-bifrost", gpuID: 0x7402_1000),
    GuestGPU(
      driver: .panfrost, offset: 0x01_0000, isCoherent: true, firstInterrupt: 103,
      compatible: "arm,mali-valhall-jm", gpuID: 0x9093_0000),
    GuestGPU(
      driver: .panthor, offset: 0x20_0000, isCoherent: false, firstInterrupt: 106,
      compatible: "rockchip,rk3588-mali", gpuID: 0xa867_0005),
    GuestGPU(
      driver: .panthor, offset: 0x40_0000, isCoherent: true, firstInterrupt: 109,
      compatible: "arm,mali-valhall-csf", gpuID: 0xa867_0005),
  ]
}
