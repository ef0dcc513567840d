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

  private let file: ExporterFile

  /// Opens a heap.
  ///
  /// - Throws: ENOENT where the kernel has none; EACCES from `open(2)`.
  public init(path: String = systemPath, kernel: Kernel = .host) throws(DRMError) {
    file = try ExporterFile(path: path, kernel: kernel)
  }

  /// The open descriptor; it stays the heap's.
  public var descriptor: CInt { file.descriptor }

  /// Allocates a dma-buf of at least `size` bytes, zeroed: `DMA_HEAP_IOCTL_ALLOC`.
  ///
  /// The kernel rounds up to whole pages.
  ///
  /// - Throws: EINVAL for size 0; ENOMEM.
  public func allocate(size: UInt64) throws(DRMError) -> DMABuf {
    var argument = cdrm_dma_heap_allocation_data()
    argument.len = size
    argument.fd_flags = UInt32(OpenFlags.readWrite)
    _ = try file.allocate(cdrm_request_dma_heap_alloc, &argument)
    return DMABuf(descriptor: CInt(bitPattern: argument.fd), kernel: file.kernel)
  }
}
