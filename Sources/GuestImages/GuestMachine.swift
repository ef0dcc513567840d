// SPDX-License-Identifier: MIT

import SoCLayout

/// The guest: QEMU's `virt` machine, with GPU registers in the top of its RAM.
public struct GuestMachine: Hashable, Sendable {
  /// The guest-physical address where RAM starts on `virt`.
  public static let memoryBase = UInt64(SOC_RAM_BASE)
  /// The size of the register window in bytes.
  public static let windowSize = UInt64(SOC_WINDOW_SIZE)

  /// RAM in bytes, including the register window.
  public let memorySize: UInt64
  public let gpus: [GuestGPU]

  /// Creates a machine.
  public init(memorySize: UInt64 = 512 << 20, gpus: [GuestGPU] = GuestGPU.all) {
    self.memorySize = memorySize
    self.gpus = gpus
  }

  /// The guest-physical address of the register window.
  public var windowBase: UInt64 { Self.memoryBase + memorySize - Self.windowSize }
}

/// A Mali of the guest: where its registers are, and which GPU it identifies as.
///
/// Registers are guest RAM that the kernel does not use: with constant values in them both drivers probe,
/// and serve their whole memory uAPI.
public struct GuestGPU: Hashable, Sendable {
  /// The driver that binds to it.
  public enum Driver: String, Hashable, Sendable {
    /// Job manager GPUs.
    case panfrost
    /// Command stream GPUs.
    case panthor
  }

  public let driver: Driver
  /// The offset of its registers in the register window.
  public let offset: UInt64
  /// The size of its registers in bytes.
  public let registerSize: UInt64
  /// Whether its device tree node has `dma-coherent`.
  public let isCoherent: Bool
  /// The first of its three shared peripheral interrupts: job, mmu, gpu.
  public let firstInterrupt: Int

  /// One GPU of each driver and coherency, in the order of their device nodes.
  public static let all = (0..<UInt32(SOC_GPUS)).map { GuestGPU(soc_gpu_place_at($0)) }

  private init(_ place: soc_gpu_place) {
    driver = place.type == SOC_JOB_MANAGER_GPU ? .panfrost : .panthor
    offset = UInt64(place.offset)
    registerSize = UInt64(place.size)
    isCoherent = place.coherent
    firstInterrupt = Int(place.first_interrupt)
  }

  /// The device tree's `compatible` string.
  public var compatible: String {
    switch (driver, isCoherent) {
    case (.panfrost, false): "arm,mali-bifrost"
    case (.panfrost, true): "arm,mali-valhall-jm"
    case (.panthor, false): "rockchip,rk3588-mali"
    case (.panthor, true): "arm,mali-valhall-csf"
    }
  }

  /// The GPU_ID register: architecture, product, revision.
  public var gpuID: UInt32 {
    switch (driver, isCoherent) {
    case (.panfrost, false): 0x7402_1000  // G52
    case (.panfrost, true): 0x9093_0000  // G57
    case (.panthor, _): 0xa867_0005  // G610
    }
  }
}
