// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// What the CPU does between the begin and the end of an access.
public enum CPUAccess: UInt64, Hashable, Sendable {
  case read = 1
  case write = 2
  case readWrite = 3
}

extension DMABuf {
  /// Begins an access by the CPU: waits for the device, then makes the whole buffer ready for the CPU.
  ///
  /// A START for reading drops CPU lines, also those that hold bytes nobody has flushed, and it drops them before
  /// it waits. So what the CPU has written is flushed first, by a START and an END for writing, which wait for the
  /// device as well. ``startAccess(_:)`` is the START alone.
  public func beginAccess(_ access: CPUAccess) throws(DRMError) {
    if access != .write { try sync(.flush) }
    try startAccess(access)
  }

  /// Issues the one call that begins an access, for who knows that no writes are pending and no job either.
  ///
  /// For reading, bytes that nobody has flushed are lost. The ioctl is `DMA_BUF_IOCTL_SYNC` with START.
  public func startAccess(_ access: CPUAccess) throws(DRMError) {
    try sync(access.rawValue, .beginAccess)
  }

  /// Lets the CPU access the whole buffer through a mapping, between a begin and an end.
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

  /// Ends an access by the CPU: makes what it wrote visible to every device, the whole buffer.
  ///
  /// The ioctl is `DMA_BUF_IOCTL_SYNC` with END.
  public func endAccess(_ access: CPUAccess) throws(DRMError) {
    try sync(access.rawValue | UInt64(CDRM_DMA_BUF_SYNC_END), .endAccess)
  }

  /// Syncs the CPU caches of the whole buffer by begins and ends of accesses, with the waits they bring.
  ///
  /// Written bytes are cleaned first, for a START for reading drops them.
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

  /// Names the dma-buf for debugging tools; at most 31 bytes: `DMA_BUF_SET_NAME`.
  public func setName(_ name: String) throws(DRMError) {
    var bytes = Array(name.utf8) + [0]
    let answer = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      unsafe kernel.ioctl(
        descriptor, cdrm_request_dma_buf_set_name, UnsafeMutableRawPointer(buffer.baseAddress))
    }
    guard answer >= 0 else { throw DRMError.make(.name, answer: answer, .dmaBuf) }
  }

  /// Takes the fences out that an access would have to wait for: `DMA_BUF_IOCTL_EXPORT_SYNC_FILE`.
  public func exportSyncFile(_ access: CPUAccess) throws(DRMError) -> SyncFile {
    var argument = cdrm_dma_buf_export_sync_file(flags: UInt32(access.rawValue), fd: -1)
    try perform(.exportFence, cdrm_request_dma_buf_export_sync_file, &argument)
    guard argument.fd >= 0 else {
      throw DRMError(
        operation: .exportFence, reason: .impossibleAnswer("gave descriptor \(argument.fd)"),
        subject: .dmaBuf)
    }
    return SyncFile(descriptor: argument.fd, kernel: kernel)
  }

  /// Puts a fence in that later accesses have to wait for: `DMA_BUF_IOCTL_IMPORT_SYNC_FILE`.
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
