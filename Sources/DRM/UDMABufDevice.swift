// SPDX-License-Identifier: MIT

public import DRMKernel
internal import CDRM

/// The open device `/dev/udmabuf`, which makes dma-bufs of memory files.
public struct UDMABufDevice: ~Copyable, Sendable {
  /// Where it is.
  public static let path = "/dev/udmabuf"

  private let file: ExporterFile

  /// Opens the device.
  ///
  /// - Throws: ENOENT where the kernel has none; EACCES for who may not use it.
  public init(kernel: Kernel = .host) throws(DRMError) {
    file = try ExporterFile(path: Self.path, kernel: kernel)
  }

  /// The open descriptor; it stays the device's.
  public var descriptor: CInt { file.descriptor }

  /// Makes a dma-buf of whole pages of a memory file: `UDMABUF_CREATE`.
  ///
  /// - Parameter range: in bytes, of whole pages, within the file.
  /// - Throws: EINVAL for another range, or more than 64 MiB.
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
