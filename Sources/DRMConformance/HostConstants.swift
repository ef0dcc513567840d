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
