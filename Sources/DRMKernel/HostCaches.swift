// SPDX-License-Identifier: MIT

internal import CDRM

/// The caches of the CPU this process runs on, maintained by its own instructions.
enum HostCaches {
  /// Maintains the lines of a range and waits for the end of it; ENOSYS where the CPU lets no process do that.
  static func maintain(_ operation: CacheOperation, _ address: Int, length: Int) -> CInt {
    guard cdrm_cache_line_size() > 0 else { return Errno.ENOSYS.answer }
    guard length > 0, let start = unsafe UnsafeMutableRawPointer(bitPattern: address) else {
      return 0
    }
    switch operation {
    case .clean: unsafe cdrm_cache_clean(start, length)
    case .cleanAndInvalidate: unsafe cdrm_cache_clean_and_invalidate(start, length)
    }
    return 0
  }
}
