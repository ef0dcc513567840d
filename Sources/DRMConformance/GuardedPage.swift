// SPDX-License-Identifier: MIT

#if canImport(Glibc)
  internal import Glibc
#endif

/// A page of the process's memory with a page after it that nobody may touch.
///
/// What lies behind other memory may be mapped by chance; this never is.
struct GuardedPage: ~Copyable {
  private let start: Int
  // No kernel has larger pages than this.
  private static let size = 65536

  /// The address of the forbidden page: what ends there is the last that can be read.
  var end: UInt64 { UInt64(start + Self.size) }

  /// Maps both pages, the first of them filled with one byte.
  init(filledWith byte: UInt8 = 0) throws {
    guard
      let address = unsafe mmap(
        nil, 2 * Self.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      unsafe address != MAP_FAILED,
      unsafe mprotect(address + Self.size, Self.size, PROT_NONE) == 0
    else { throw Mismatch(subject: "guard page", expected: "memory", observed: "none") }
    _ = unsafe memset(address, CInt(byte), Self.size)
    start = Int(bitPattern: address)
  }

  deinit {
    _ = unsafe munmap(UnsafeMutableRawPointer(bitPattern: start), 2 * Self.size)
  }
}
