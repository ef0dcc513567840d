// SPDX-License-Identifier: MIT

#if canImport(Glibc)
  internal import Glibc
#endif

/// The flags nodes are opened with.
enum OpenFlags {
  static let readWrite = O_RDWR | O_CLOEXEC
}
