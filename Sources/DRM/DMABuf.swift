// SPDX-License-Identifier: MIT

public import DRMKernel
internal import CDRM

/// Owns one descriptor of a dma-buf.
public struct DMABuf: ~Copyable, Sendable {
  let kernel: Kernel
  private var owned: CInt?

  /// The descriptor; it stays this value's to close.
  public let descriptor: CInt

  /// Takes over a descriptor.
  public init(descriptor: CInt, kernel: Kernel = .host) {
    self.kernel = kernel
    self.descriptor = descriptor
    owned = descriptor
  }

  deinit {
    if let owned { _ = kernel.close(owned) }
  }

  /// Closes the descriptor and reports what that answered.
  public consuming func close() throws(DRMError) {
    guard let descriptor = owned.take() else { return }
    let answer = kernel.close(descriptor)
    guard answer >= 0 else { throw DRMError.make(.close, answer: answer, .dmaBuf) }
  }

  /// Makes another descriptor of the same dma-buf.
  public func duplicate() throws(DRMError) -> DMABuf {
    let answer = kernel.duplicate(descriptor)
    guard answer >= 0 else { throw DRMError.make(.open, answer: answer, .dmaBuf) }
    return DMABuf(descriptor: answer, kernel: kernel)
  }

  /// Asks for the size in bytes: `lseek` to the end, the only way to learn an imported size.
  public func size() throws(DRMError) -> UInt64 {
    let answer = kernel.lseek(descriptor, offset: 0, whence: Seek.end)
    guard answer >= 0 else { throw DRMError.make(.seek, answer: answer, .dmaBuf) }
    return UInt64(answer)
  }

  /// Maps the whole dma-buf, shared.
  public func map(_ access: MappingAccess = .readWrite) throws(DRMError) -> BufferMapping {
    try BufferMapping(
      descriptor: descriptor,
      offset: 0,
      length: size(),
      access: access,
      kernel: kernel,
      subject: .dmaBuf
    )
  }
}

private enum Seek {
  static let end: CInt = 2
}
