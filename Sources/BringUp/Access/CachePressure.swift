// SPDX-License-Identifier: MIT

internal import CDRM

#if canImport(Glibc)
  internal import Glibc
#endif

/// Provokes evictions from the CPU's caches: memory of its own, which the caller and other cores dirty.
///
/// The traffic lasts as long as the object.
@safe
public final class CachePressure {
  private let memory: OpaquePointer

  // Larger than the last-level cache of any Mali board, with a part for each thread.
  private static let most = 64 << 20

  /// Starts the traffic of the other cores; nil where the machine has no memory to spare.
  public init?() {
    let pages = sysconf(CInt(_SC_AVPHYS_PAGES))
    let free = Int(pages) * Int(sysconf(CInt(_SC_PAGESIZE)))
    let cores = Int(sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    guard let size = Self.size(free: free),
      let memory = unsafe cdrm_pressure_create(size, CInt(clamping: cores - 1))
    else { return nil }
    unsafe self.memory = memory
  }

  deinit { unsafe cdrm_pressure_destroy(memory) }

  /// Returns the bytes to use of those that are free: a quarter at most; nil for too few to evict anything.
  static func size(free: Int) -> Int? {
    let size = min(free / 4, most)
    return size >= 1 << 20 ? size : nil
  }

  /// The number of other cores that make traffic.
  var threads: Int { Int(unsafe cdrm_pressure_threads(memory)) }

  /// Dirties the caller's part of the memory, from this core.
  func evict() { unsafe cdrm_pressure_evict(memory) }
}
