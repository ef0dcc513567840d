// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// What the CPU does with the bytes between the START and the END of an access.
public enum CPUAccess: UInt64, Hashable, Sendable {
  /// `DMA_BUF_SYNC_READ`.
  case read = 1
  /// `DMA_BUF_SYNC_WRITE`.
  case write = 2
  /// `DMA_BUF_SYNC_RW`.
  case readWrite = 3
}

extension DMABuf {
  /// Begins an access by the CPU: waits for the device, and makes the whole buffer ready for the CPU.
  ///
  /// A START for reading invalidates CPU lines before it waits, also dirty lines that were not flushed. So this
  /// function first flushes what the CPU has written, by a START and an END for writing, which wait for the
  /// device too. ``startAccess(_:)`` issues the START only.
  ///
  /// - Throws: what `DMA_BUF_IOCTL_SYNC` returned.
  public func beginAccess(_ access: CPUAccess) throws(DRMError) {
    if access != .write { try sync(.flush) }
    try startAccess(access)
  }

  /// Issues START only, for a caller without pending writes and without pending jobs.
  ///
  /// A START for reading loses dirty lines that were not flushed. The ioctl is `DMA_BUF_IOCTL_SYNC` with
  /// `DMA_BUF_SYNC_START`.
  ///
  /// - Throws: what the ioctl returned.
  public func startAccess(_ access: CPUAccess) throws(DRMError) {
    try sync(access.rawValue, .beginAccess)
  }

  /// Runs a closure on the whole buffer through a mapping of it, between START and END.
  ///
  /// - Parameter mapping: a mapping of this dma-buf or its BO, made for writing.
  /// - Throws: as ``beginAccess(_:)`` and ``endAccess(_:)``.
  public func withAccess<Result>(
    _ access: CPUAccess, through mapping: inout BufferMapping,
    _ body: (inout MutableRawSpan) -> Result
  ) throws(DRMError) -> Result {
    try beginAccess(access)
    let result = try mapping.withMutableBytes(
      in: 0..<UInt64(mapping.length), storing: access != .read, body)
    try endAccess(access)
    return result
  }

  /// Ends an access by the CPU: makes what it wrote to the buffer visible to every device.
  ///
  /// The ioctl is `DMA_BUF_IOCTL_SYNC` with `DMA_BUF_SYNC_END`.
  ///
  /// - Throws: what the ioctl returned.
  public func endAccess(_ access: CPUAccess) throws(DRMError) {
    try sync(access.rawValue | UInt64(CDRM_DMA_BUF_SYNC_END), .endAccess)
  }

  /// Syncs the CPU caches of the whole buffer by STARTs and ENDs, which wait for the device.
  ///
  /// Written bytes are cleaned first, because a START for reading invalidates them.
  ///
  /// - Throws: what the ioctl returned.
  public func sync(_ kind: SyncKind) throws(DRMError) {
    try startAccess(.write)
    try endAccess(.write)
    guard kind == .flushAndInvalidate else { return }
    try startAccess(.read)
    try endAccess(.read)
  }

  private func sync(_ flags: UInt64, _ operation: DRMError.Operation) throws(DRMError) {
    var argument = cdrm_dma_buf_sync(flags: flags)
    try perform(operation, cdrm_request_dma_buf_sync, &argument)
  }

  /// Names the dma-buf for debugging tools, with at most 31 bytes: `DMA_BUF_SET_NAME`.
  ///
  /// - Throws: EINVAL for a longer name.
  public func setName(_ name: String) throws(DRMError) {
    var bytes = Array(name.utf8) + [0]
    let answer = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      unsafe kernel.ioctl(
        descriptor, cdrm_request_dma_buf_set_name, UnsafeMutableRawPointer(buffer.baseAddress))
    }
    guard answer >= 0 else { throw DRMError.make(.name, answer: answer, .dmaBuf) }
  }

  /// Exports the fences that an access has to wait for: `DMA_BUF_IOCTL_EXPORT_SYNC_FILE`.
  ///
  /// - Throws: ENOTTY before Linux 6.0; EMFILE.
  public func exportSyncFile(_ access: CPUAccess) throws(DRMError) -> SyncFile {
    var argument = cdrm_dma_buf_export_sync_file(flags: UInt32(access.rawValue), fd: -1)
    try perform(.exportFence, cdrm_request_dma_buf_export_sync_file, &argument)
    guard argument.fd >= 0 else {
      throw DRMError(
        operation: .exportFence, reason: .impossibleAnswer("returned descriptor \(argument.fd)"),
        subject: .dmaBuf)
    }
    return SyncFile(descriptor: argument.fd, kernel: kernel)
  }

  /// Imports a fence that later accesses have to wait for: `DMA_BUF_IOCTL_IMPORT_SYNC_FILE`.
  ///
  /// - Throws: ENOTTY before Linux 6.0; EINVAL for a descriptor that is not a sync file.
  public func importSyncFile(_ file: borrowing SyncFile, _ access: CPUAccess) throws(DRMError) {
    var argument = cdrm_dma_buf_import_sync_file(
      flags: UInt32(access.rawValue), fd: file.descriptor)
    try perform(.importFence, cdrm_request_dma_buf_import_sync_file, &argument)
  }

  private func perform<Argument: BitwiseCopyable>(
    _ operation: DRMError.Operation, _ request: UInt, _ argument: inout Argument
  ) throws(DRMError) {
    let answer = unsafe withUnsafeMutablePointer(to: &argument) { pointer in
      unsafe kernel.ioctl(descriptor, request, pointer)
    }
    guard answer >= 0 else { throw DRMError.make(operation, answer: answer, .dmaBuf) }
  }
}
