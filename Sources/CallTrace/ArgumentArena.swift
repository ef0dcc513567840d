// SPDX-License-Identifier: MIT

#if canImport(Glibc)
  internal import Glibc
#endif

/// Memory for the arguments of calls, reused by every call.
final class ArgumentArena {
  /// Readable and writable memory, followed by a guard page without access.
  private final class Block {
    let start: Int
    let size: Int
    // The largest page size of any supported kernel.
    private static let guardSize = 65536

    init?(size: Int) {
      let length = size + Self.guardSize
      guard
        let base = unsafe mmap(
          nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
        unsafe base != MAP_FAILED
      else { return nil }
      start = Int(bitPattern: base)
      self.size = size
      guard unsafe mprotect(base + size, Self.guardSize, PROT_NONE) == 0 else { return nil }
    }

    deinit {
      _ = unsafe munmap(UnsafeMutableRawPointer(bitPattern: start), size + Self.guardSize)
    }

    var end: Int { start + size }
  }

  private static let blockSize = 1 << 20
  private var blocks: [Block] = []
  private var block = 0
  private var used = 0
  private var guarded: [Block] = []
  private var guardedCount = 0

  /// Frees all memory for reuse.
  func reset() {
    block = 0
    used = 0
    guardedCount = 0
  }

  /// Allocates bytes and returns their address; nil where the host has no memory left.
  ///
  /// - Parameter isCutOff: whether the bytes must be directly followed by memory without access.
  func allocate(_ count: Int, isCutOff: Bool) -> Int? {
    if isCutOff {
      if guardedCount == guarded.count {
        guard let new = Block(size: CallRegion.limit) else { return nil }
        guarded.append(new)
      }
      guardedCount += 1
      return guarded[guardedCount - 1].end - count
    }
    if block < blocks.count, used + count > blocks[block].size {
      block += 1
      used = 0
    }
    if block == blocks.count {
      guard let new = Block(size: Self.blockSize) else { return nil }
      blocks.append(new)
    }
    defer { used += (count + 15) & ~15 }
    return blocks[block].start + used
  }
}
