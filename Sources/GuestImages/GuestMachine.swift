// SPDX-License-Identifier: MIT

/// The guest as QEMU's `virt` machine has it, with the top of its RAM given over to GPU registers.
public struct GuestMachine: Hashable, Sendable {
  /// Where RAM starts on `virt`.
  public static let memoryBase: UInt64 = 0x4000_0000
  /// How much of it stands in for registers.
  public static let windowSize: UInt64 = 0x100_0000

  /// RAM in bytes, the register window included.
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
