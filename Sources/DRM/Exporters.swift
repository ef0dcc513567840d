// SPDX-License-Identifier: MIT

public import DRMKernel
internal import CDRM

/// An open dma-heap, which allocates memory without a driver.
///
/// The CPU maps it write-back. A START and an END sync its dma-bufs for all devices that imported them:
/// ``DMABuf/beginAccess(_:)``, ``DMABuf/endAccess(_:)``.
public struct DMAHeap: ~Copyable, Sendable {
  /// The path of the system heap.
  public static let systemPath = "/dev/dma_heap/system"

  private let file: ExporterFile

  /// Opens a heap.
  ///
  /// - Throws: ENOENT where the kernel has no such heap; EACCES.
  public init(path: String = systemPath, kernel: Kernel = .host) throws(DRMError) {
    file = try ExporterFile(path: path, kernel: kernel)
  }

  /// The open descriptor, owned by the heap.
  public var descriptor: CInt { file.descriptor }

  /// Allocates a dma-buf of `size` bytes, rounded up to whole pages and zeroed: `DMA_HEAP_IOCTL_ALLOC`.
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

/// The open device `/dev/udmabuf`, which makes dma-bufs of memory files.
public struct UDMABufDevice: ~Copyable, Sendable {
  /// The path of the device.
  public static let path = "/dev/udmabuf"

  private let file: ExporterFile

  /// Opens the device.
  ///
  /// - Throws: ENOENT where the kernel has no udmabuf; EACCES for a user without permission.
  public init(kernel: Kernel = .host) throws(DRMError) {
    file = try ExporterFile(path: Self.path, kernel: kernel)
  }

  /// The open descriptor, owned by the device.
  public var descriptor: CInt { file.descriptor }

  /// Makes a dma-buf of whole pages of a memory file: `UDMABUF_CREATE`.
  ///
  /// - Parameter range: whole pages within the file, in bytes.
  /// - Throws: EINVAL for another range, or for more than 64 MiB.
  public func makeDMABuf(
    of memory: borrowing MemoryFile, _ range: Range<UInt64>
  ) throws(DRMError) -> DMABuf {
    var argument = cdrm_udmabuf_create(
      memfd: UInt32(bitPattern: memory.descriptor), flags: UInt32(CDRM_UDMABUF_FLAGS_CLOEXEC),
      offset: range.lowerBound, size: range.upperBound - range.lowerBound)
    let descriptor = try file.allocate(cdrm_request_udmabuf_create, &argument)
    return DMABuf(descriptor: descriptor, kernel: file.kernel)
  }
}

/// Owns an anonymous file that cannot shrink, from which a udmabuf is made: `memfd_create(2)`.
///
/// It is memory of this process's own machine, whatever the kernel of the udmabuf is.
public struct MemoryFile: ~Copyable, Sendable {
  /// The descriptor, owned by this value.
  public let descriptor: CInt
  /// The size in bytes.
  public let size: UInt64

  /// Creates a file of `size` zero bytes.
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

/// Owns the open file of a device that exports memory and is not a DRM node.
///
/// Internal although only this file uses it: a private type with a deinit, stored in a public noncopyable struct,
/// leaves other modules with an undefined symbol in release builds of Swift 6.3.
struct ExporterFile: ~Copyable, Sendable {
  let path: String
  let descriptor: CInt
  let kernel: Kernel

  init(path: String, kernel: Kernel) throws(DRMError) {
    let answer = kernel.open(path, flags: OpenFlags.readWrite)
    guard answer >= 0 else { throw DRMError.make(.open, answer: answer, .node(path)) }
    self.path = path
    self.kernel = kernel
    descriptor = answer
  }

  deinit { _ = kernel.close(descriptor) }

  /// Performs an ioctl that allocates, and returns its result.
  func allocate<Argument: BitwiseCopyable>(
    _ request: UInt, _ argument: inout Argument
  ) throws(DRMError) -> CInt {
    let answer = unsafe withUnsafeMutablePointer(to: &argument) { pointer in
      unsafe kernel.ioctl(descriptor, request, pointer)
    }
    guard answer >= 0 else { throw DRMError.make(.createBuffer, answer: answer, .node(path)) }
    return answer
  }
}
