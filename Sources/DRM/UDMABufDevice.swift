// SPDX-License-Identifier: MIT

public import DRMKernel
internal import CDRM

/// The open device `/dev/udmabuf`, which makes dma-bufs of memory files.
public struct UDMABufDevice: ~Copyable, Sendable {
  /// Where it is.
  public static let path = "/dev/udmabuf"

  /// The open descriptor; it stays the device's.
  public let descriptor: CInt
  private let kernel: Kernel

  /// Opens the device.
  ///
  /// - Throws: ENOENT where the kernel has none; EACCES for who may not use it.
  public init(kernel: Kernel = .host) throws(DRMError) {
    let answer = kernel.open(Self.path, flags: OpenFlags.readWrite)
    guard answer >= 0 else { throw DRMError.make(.open, answer: answer, .node(Self.path)) }
    self.kernel = kernel
    descriptor = answer
  }

  deinit { _ = kernel.close(descriptor) }

  /// Makes a dma-buf of whole pages of a memory file: `UDMABUF_CREATE`.
  ///
  /// - Parameter range: in bytes, of whole pages, within the file.
  /// - Throws: EINVAL for another range, or more than 64 MiB.
  public func makeDMABuf(
    of file: borrowing MemoryFile, _ range: Range<UInt64>
  ) throws(DRMError) -> DMABuf {
    var argument = cdrm_udmabuf_create(
      memfd: UInt32(bitPattern: file.descriptor), flags: UInt32(CDRM_UDMABUF_FLAGS_CLOEXEC),
      offset: range.lowerBound, size: range.upperBound - range.lowerBound)
    let answer = unsafe withUnsafeMutablePointer(to: &argument) { pointer in
      unsafe kernel.ioctl(descriptor, cdrm_request_udmabuf_create, pointer)
    }
    guard answer >= 0 else {
      throw DRMError.make(.createBuffer, answer: answer, .node(Self.path))
    }
    return DMABuf(descriptor: answer, kernel: kernel)
  }
}
