// SPDX-License-Identifier: MIT

import SoCLayout

/// Bytes that are stored by offset, little-endian.
public struct ByteImage: Hashable, Sendable {
  public private(set) var bytes: [UInt8]

  init(size: Int) {
    bytes = [UInt8](repeating: 0, count: size)
  }

  /// Stores an integer at an offset.
  mutating func store(_ value: some FixedWidthInteger, at offset: Int) {
    for index in 0..<(value.bitWidth / 8) {
      bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (index * 8))
    }
  }

  /// Stores consecutive 32-bit words.
  mutating func store(words: [UInt32], at offset: Int) {
    for (index, word) in words.enumerated() { store(word, at: offset + 4 * index) }
  }

  /// Stores the bytes of another image.
  mutating func store(_ other: ByteImage, at offset: Int) {
    bytes.replaceSubrange(offset..<(offset + other.bytes.count), with: other.bytes)
  }
}

extension GuestMachine {
  /// The register window's contents at reset, which QEMU's generic loader writes.
  ///
  /// The drivers poll these registers, or read them again if an interrupt does not come. The values mean
  /// that the GPU is identified, powered and idle, and that every command is complete.
  public func registerImage() -> ByteImage {
    var image = ByteImage(size: Int(Self.windowSize))
    for gpu in gpus {
      for (register, value) in gpu.registers {
        image.store(value, at: Int(gpu.offset) + register)
      }
    }
    return image
  }
}

extension GuestGPU {
  fileprivate var registers: [(register: Int, value: UInt32)] {
    common + (driver == .panfrost ? panfrost : panthor)
  }

  private var common: [(register: Int, value: UInt32)] {
    let shaders: UInt32 = driver == .panfrost ? 0x3 : 0x50005
    let tiler = SOC_GPU_POWER_STRIDE
    let l2 = 2 * SOC_GPU_POWER_STRIDE
    return [
      (SOC_GPU_PRESENT, shaders), (SOC_GPU_PRESENT + tiler, 1), (SOC_GPU_PRESENT + l2, 1),
      (SOC_GPU_READY, shaders), (SOC_GPU_READY + tiler, 1), (SOC_GPU_READY + l2, 1),
      (SOC_GPU_ID, gpuID),
      (SOC_GPU_L2_FEATURES, 0x0713_0206),
      (SOC_GPU_TILER_FEATURES, 0x0000_0809),
      (SOC_GPU_MEM_FEATURES, 0x0000_0001),
      // 48 bits of virtual address, 40 of physical address.
      (SOC_GPU_MMU_FEATURES, 0x0000_2830),
      (SOC_GPU_AS_PRESENT, 0x0000_00ff),
      (
        SOC_GPU_INT + SOC_INT_RAWSTAT,
        UInt32(SOC_GPU_INT_RESET_COMPLETED | SOC_GPU_INT_CLEAN_CACHES_COMPLETED)
      ),
      // Constant without --soc.
      (SOC_GPU_TIMESTAMP, 0x1234_5678),
      (SOC_GPU_THREAD_MAX_THREADS, 0x0000_0300),
      (SOC_GPU_THREAD_MAX_WORKGROUP_SIZE, 0x0000_0180),
      (SOC_GPU_THREAD_MAX_BARRIER_SIZE, 0x0000_0180),
      (SOC_GPU_THREAD_FEATURES, 0x0401_6000),
      (SOC_GPU_TEXTURE_FEATURES, 0x00fe_001e),
      (SOC_GPU_TEXTURE_FEATURES + 4, 0x0000_ffff),
      (SOC_GPU_TEXTURE_FEATURES + 8, 0x9f81_ffff),
      // ACE-Lite.
      (SOC_GPU_COHERENCY_FEATURES, 0x0000_0001),
    ]
  }

  private var panfrost: [(register: Int, value: UInt32)] {
    [
      (SOC_GPU_JS_PRESENT, 0x7),
      (SOC_GPU_JS_FEATURES, 0x20e), (SOC_GPU_JS_FEATURES + 4, 0x1fe),
      (SOC_GPU_JS_FEATURES + 8, 0x7e),
    ]
  }

  private var panthor: [(register: Int, value: UInt32)] {
    [
      (SOC_GPU_CSF_ID, 0x040a_0412),
      // The firmware's global interface is up. JOB_INT_RAWSTAT stays 0, or the driver's interrupt thread
      // would never end.
      (SOC_JOB_INT + SOC_INT_STAT, SOC_JOB_INT_GLOBAL_IF),
      (SOC_LATEST_FLUSH_ID, 1),
    ]
  }
}
