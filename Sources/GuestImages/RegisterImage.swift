// SPDX-License-Identifier: MIT

extension GuestMachine {
  /// The register window's contents at reset: QEMU's generic loader puts them there.
  ///
  /// The drivers poll these registers, or look at them again when an interrupt does not come. The values
  /// say: identified, powered, idle, and every command done already.
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
    let resetCompleted: UInt32 = 1 << 8
    let cachesCleaned: UInt32 = 1 << 17
    return [
      (0x000, gpuID),
      (0x004, 0x0713_0206),  // L2_FEATURES
      (0x00c, 0x0000_0809),  // TILER_FEATURES
      (0x010, 0x0000_0001),  // MEM_FEATURES
      (0x014, 0x0000_2830),  // MMU_FEATURES: 48 bits of address, of which 40 reach memory
      (0x018, 0x0000_00ff),  // AS_PRESENT
      (0x020, resetCompleted | cachesCleaned),  // GPU_INT_RAWSTAT
      (0x098, 0x1234_5678),  // TIMESTAMP, which never moves
      (0x0a0, 0x0000_0300),  // THREAD_MAX_THREADS
      (0x0a4, 0x0000_0180),  // THREAD_MAX_WORKGROUP_SIZE
      (0x0a8, 0x0000_0180),  // THREAD_MAX_BARRIER_SIZE
      (0x0ac, 0x0401_6000),  // THREAD_FEATURES
      (0x0b0, 0x00fe_001e), (0x0b4, 0x0000_ffff), (0x0b8, 0x9f81_ffff),  // TEXTURE_FEATURES
      (0x100, shaders), (0x110, 1), (0x120, 1),  // shader, tiler and L2 PRESENT
      (0x140, shaders), (0x150, 1), (0x160, 1),  // and READY
      (0x300, 0x0000_0001),  // COHERENCY_FEATURES: ACE-Lite
    ]
  }

  private var panfrost: [(register: Int, value: UInt32)] {
    [
      (0x01c, 0x7),  // JS_PRESENT
      (0x0c0, 0x20e), (0x0c4, 0x1fe), (0x0c8, 0x7e),  // JS_FEATURES
    ]
  }

  private var panthor: [(register: Int, value: UInt32)] {
    [
      (0x01c, 0x040a_0412),  // CSF_ID
      // JOB_INT_STAT: the firmware's global interface has come up. RAWSTAT stays 0, or the interrupt
      // thread would never end.
      (0x100c, 1 << 31),
      (0x10000, 1),  // LATEST_FLUSH_ID
    ]
  }
}
