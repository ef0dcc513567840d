// SPDX-License-Identifier: MIT

internal import CDRM

/// What a process can do about caches without the kernel, on the CPU it runs on.
public enum UserlandCaches {
  /// The bytes of a cache line, as maintenance sees it; nil where the CPU lets no process maintain caches.
  ///
  /// AArch64 has `dc cvac` and `dc civac`, x86 has `clflush`; 32-bit Arm has nothing.
  public static var lineSize: Int? {
    let size = cdrm_cache_line_size()
    return size > 0 ? Int(size) : nil
  }
}
