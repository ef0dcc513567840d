// SPDX-License-Identifier: MIT

public import DRMKernel

/// Owns one descriptor of a dma-buf.
public struct DMABuf: ~Copyable, Sendable {
  let kernel: Kernel
  private var owned: CInt?

  /// The descriptor, owned by this value.
  public let descriptor: CInt

  /// Takes ownership of a descriptor that `kernel` returned.
  public init(descriptor: CInt, kernel: Kernel = .host) {
    self.kernel = kernel
    self.descriptor = descriptor
    owned = descriptor
  }

  deinit {
    if let owned { _ = kernel.close(owned) }
  }

  /// Closes the descriptor, and reports an error; the end of its scope does it without a report.
  ///
  /// - Throws: what `close(2)` returned.
  public consuming func close() throws(DRMError) {
    guard let descriptor = owned.take() else { return }
    let answer = kernel.close(descriptor)
    guard answer >= 0 else { throw DRMError.make(.close, answer: answer, .dmaBuf) }
  }

  /// Makes another descriptor of the same dma-buf, close-on-exec.
  ///
  /// - Throws: EMFILE.
  public func duplicate() throws(DRMError) -> DMABuf {
    let answer = kernel.duplicate(descriptor)
    guard answer >= 0 else { throw DRMError.make(.open, answer: answer, .dmaBuf) }
    return DMABuf(descriptor: answer, kernel: kernel)
  }

  /// Gets the size in bytes, by `lseek(2)` to the end: no other call reports an imported size.
  ///
  /// - Throws: what `lseek(2)` returned.
  public func size() throws(DRMError) -> UInt64 {
    let seekEnd: CInt = 2
    let answer = kernel.lseek(descriptor, offset: 0, whence: seekEnd)
    guard answer >= 0 else { throw DRMError.make(.seek, answer: answer, .dmaBuf) }
    return UInt64(answer)
  }

  /// Maps the whole dma-buf, shared.
  ///
  /// - Throws: as ``size()``; what `mmap(2)` returned, such as EACCES for a dma-buf without write access.
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

/// Owns one descriptor of a sync file: a fence that can be passed between devices.
public struct SyncFile: ~Copyable, Sendable {
  private let kernel: Kernel

  /// The descriptor, owned by this value.
  public let descriptor: CInt

  /// Takes ownership of a descriptor that `kernel` returned.
  public init(descriptor: CInt, kernel: Kernel = .host) {
    self.kernel = kernel
    self.descriptor = descriptor
  }

  deinit { _ = kernel.close(descriptor) }
}
