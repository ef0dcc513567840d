// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// An anonymous file of the process, sealed against shrinking: what a udmabuf is made of.
///
/// It is memory of the host's whoever answers at the seam: `memfd_create(2)`.
public struct MemoryFile: ~Copyable, Sendable {
  /// The descriptor; it stays the file's.
  public let descriptor: CInt
  /// In bytes.
  public let size: UInt64

  /// Creates a file of zeroes.
  ///
  /// - Throws: EMFILE or ENOMEM.
  public init(size: UInt64) throws(DRMError) {
    let answer = unsafe cdrm_sealed_memory_file("gemsync", size, CInt(CDRM_SEAL_SHRINK))
    guard answer >= 0 else { throw DRMError.make(.createBuffer, answer: answer, .memoryFile) }
    self.size = size
    descriptor = answer
  }

  deinit { _ = cdrm_close(descriptor) }
}
