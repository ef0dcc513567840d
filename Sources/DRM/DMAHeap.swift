// SPDX-License-Identifier: MIT

public import DRMKernel
internal import CDRM

/// An open dma-heap: memory for any device, without a driver behind it.
///
/// The CPU maps it write-back, so its dma-bufs are synced by ``DMABuf/beginAccess(_:)`` and
/// ``DMABuf/endAccess(_:)``, for whoever imported them.
public struct DMAHeap: ~Copyable, Sendable {
  /// Where the system heap is.
  public static let systemPath = "/dev/dma_heap/system"

  /// The path it was opened by.
  public let path: String
  /// The open descriptor; it stays the heap's.
  public let descriptor: CInt
  private let kernel: Kernel

  /// Opens a heap.
  ///
  /// - Throws: ENOENT where the kernel has none; EACCES from `open(2)`.
  public init(path: String = systemPath, kernel: Kernel = .host) throws(DRMError) {
    let answer = kernel.open(path, flags: OpenFlags.readWrite)
    guard answer >= 0 else { throw DRMError.make(.open, answer: answer, .node(path)) }
    self.path = path
    self.kernel = kernel
    descriptor = answer
  }

  deinit { _ = kernel.close(descriptor) }

  /// Allocates a dma-buf of at least `size` bytes, zeroed: `DMA_HEAP_IOCTL_ALLOC`.
  ///
  /// The kernel rounds up to whole pages.
  ///
  /// - Throws: EINVAL for size 0; ENOMEM.
  public func allocate(size: UInt64) throws(DRMError) -> DMABuf {
    var argument = cdrm_dma_heap_allocation_data()
    argument.len = size
    argument.fd_flags = UInt32(OpenFlags.readWrite)
    let answer = unsafe withUnsafeMutablePointer(to: &argument) { pointer in
      unsafe kernel.ioctl(descriptor, cdrm_request_dma_heap_alloc, pointer)
    }
    guard answer >= 0 else { throw DRMError.make(.createBuffer, answer: answer, .node(path)) }
    return DMABuf(descriptor: CInt(bitPattern: argument.fd), kernel: kernel)
  }
}
