// SPDX-License-Identifier: MIT

#if canImport(Glibc)
  internal import Glibc
#endif

/// Protections of `mmap(2)`.
enum Protection {
  static let read = PROT_READ
  static let readWrite = PROT_READ | PROT_WRITE
}

/// Flags of `mmap(2)`.
enum MapFlags {
  static let shared = MAP_SHARED
  static let privateCopy = MAP_PRIVATE
}

/// Flags of `open(2)`.
enum AccessMode {
  static let readWrite = O_RDWR | O_CLOEXEC
  static let readOnly = O_RDONLY | O_CLOEXEC
}

/// An address that no process has mapped: the first page after page zero.
let unmappedAddress: UInt64 = 0x1000

/// A page of this process's memory, followed by a page without access.
///
/// Memory after another allocation may happen to be mapped; the second page here never is.
struct GuardedPage: ~Copyable {
  private let start: Int
  // No kernel has larger pages than this.
  private static let size = 65536

  /// The address of the page without access: the end of the readable bytes.
  var end: UInt64 { UInt64(start + Self.size) }

  /// Maps both pages and fills the first one with a byte.
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
