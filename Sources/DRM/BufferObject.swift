// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel
internal import CDRM

/// Owns one use of a GEM handle: a BO within one open node.
///
/// Mappings and dma-bufs made from it live on after it, as in the kernel.
public struct BufferObject: ~Copyable, Sendable {
  @usableFromInline let file: DRMFile
  let driver: any Driver
  private var owned: GEMHandle?
  // The dma-buf an imported BO is synced through.
  let source: ImportSource?
  // How the driver syncs it; never absent, for an optional would be retained at each call.
  @usableFromInline let syncCall: SyncCall
  // In whose words a batch names its operations.
  let dialect: SyncDialect

  /// The BO's number in its node.
  public let handle: GEMHandle
  /// The BO's size in bytes, as the kernel rounded it.
  public let size: UInt64

  init(
    file: DRMFile, driver: any Driver, handle: GEMHandle, size: UInt64,
    source: ImportSource? = nil
  ) {
    self.file = file
    self.driver = driver
    self.handle = handle
    self.size = size
    self.source = source
    syncCall = (source == nil ? driver.syncCall : nil) ?? SyncCall()
    dialect = driver.dialect
    owned = handle
  }

  /// Whether the memory is another exporter's, as far as the driver can tell.
  public var isImported: Bool { source != nil }

  deinit {
    if let owned { try? file.release(owned) }
  }

  /// Gives the handle back and reports what that answered; the end of its scope does it silently.
  ///
  /// The ioctl is `DRM_IOCTL_GEM_CLOSE`, issued with the handle's last use in this node.
  public consuming func close() throws(DRMError) {
    if let handle = owned.take() { try file.release(handle) }
  }

  /// Gives the handle to the caller, who closes it; the end of the node does at the latest.
  public consuming func disown() -> GEMHandle {
    if let handle = owned.take() { file.disown(handle) }
    return handle
  }

  /// Cleans, or cleans and drops, the CPU cache lines of a byte range: one ioctl.
  ///
  /// Nothing but cache maintenance happens: no wait, no migration, no effect past whole lines. On a WC
  /// mapping or a coherent device the call succeeds and does nothing. An imported BO is synced through its
  /// dma-buf instead, as a whole: drivers refuse their own call for it.
  ///
  /// - Throws: EINVAL for a range that ends past the BO; `needs` where the driver at this version has no
  ///   such call; `rangeTooLarge` where it has 32 bits and the range does not.
  @inlinable
  public func sync(_ kind: SyncKind, _ range: Range<UInt64>) throws(DRMError) {
    let answer = syncCall.issue(kind, range, of: handle, in: file)
    guard answer >= 0 else { return try syncOtherwise(answer, kind, range) }
  }

  /// Makes a byte range ready for an access, in the form of the series.
  ///
  /// A driver as merged is asked for what comes to the same: a flush before the device's access, a
  /// flush-and-invalidate before the CPU reads, and nothing, without a call, before the CPU writes. In the
  /// dialect ``SyncDialect/seriesV4`` the driver gets it as it stands.
  ///
  /// - Throws: as ``sync(_:_:)``.
  public func sync(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>
  ) throws(DRMError) {
    // Where there is no call, nobody else would tell that the range is wrong.
    if SyncKind(for: accessor, access) == nil { try requireInBounds(range) }
    let answer = syncCall.issue(for: accessor, access, range, of: handle, in: file)
    guard answer < 0 else { return }
    try syncOtherwise(answer, SyncKind(for: accessor, access), range)
  }

  /// Throws what the driver's call was refused with; where it has none, syncs through the dma-buf.
  @usableFromInline @inline(never)
  func syncOtherwise(
    _ answer: CInt, _ kind: SyncKind?, _ range: Range<UInt64>
  ) throws(DRMError) {
    guard answer == SyncCall.notByDriver else { return try check(answer) }
    guard source != nil else { return try driver.require(.explicitSync, .syncBuffer, in: file) }
    try requireInBounds(range)
    if let kind { try source?.dmaBuf.sync(kind) }
  }

  /// Throws what the driver's call was refused with.
  func check(_ answer: CInt) throws(DRMError) {
    guard answer < 0 else { return }
    guard answer != SyncCall.rangeTooLarge else {
      throw DRMError(operation: .syncBuffer, reason: .rangeTooLarge, subject: .handle(handle))
    }
    throw DRMError.make(.syncBuffer, answer: answer, .handle(handle))
  }

  /// Refuses, as drivers do, a range that ends past the BO.
  func requireInBounds(_ range: Range<UInt64>) throws(DRMError) {
    guard range.upperBound <= size else {
      throw DRMError.make(.syncBuffer, answer: Errno.EINVAL.answer, .handle(handle))
    }
  }

  /// Labels the BO for debugging tools, nil to take the label away; at most 4095 bytes.
  ///
  /// - Throws: E2BIG for a longer one; `needs` before panthor 1.4 and panfrost 1.4.
  public func setLabel(_ label: String?) throws(DRMError) {
    try driver.require(.labels, .label, in: file)
    guard let label else { return try driver.setLabel(0, of: handle, in: file) }
    let bytes = Array(label.utf8) + [0]
    try unsafe bytes.withUnsafeBufferPointer { buffer throws(DRMError) in
      try driver.setLabel(
        UInt64(UInt(bitPattern: buffer.baseAddress)), of: handle, in: file)
    }
  }

  /// Asks the driver for the mapping it was created for and whether it is imported.
  ///
  /// - Throws: `needs` where the driver at this version cannot tell.
  public func info() throws(DRMError) -> BufferInfo {
    try driver.require(.bufferQuery, .queryBuffer, in: file)
    return try driver.info(of: handle, in: file)
  }

  /// Asks for the offset that selects this BO in `mmap`; the same at every call.
  ///
  /// - Throws: EPERM for a BO that was created without CPU mapping.
  public func fakeOffset() throws(DRMError) -> FakeOffset {
    try driver.fakeOffset(of: handle, in: file)
  }

  /// Maps the whole BO, shared.
  ///
  /// Parts are not offered: drivers serve page faults by position in the mapping.
  public func map(_ access: MappingAccess = .readWrite) throws(DRMError) -> BufferMapping {
    let offset = try fakeOffset()
    return try BufferMapping(
      descriptor: file.descriptor,
      offset: offset.rawValue,
      length: size,
      access: access,
      kernel: file.kernel,
      subject: .handle(handle)
    )
  }

  /// Exports the BO as a dma-buf, close-on-exec, readable and writable.
  ///
  /// The ioctl is `DRM_IOCTL_PRIME_HANDLE_TO_FD`. The first export of a BO decides for all later ones
  /// whether the dma-buf can be mapped writable, so this always asks for `DRM_RDWR`.
  public func export() throws(DRMError) -> DMABuf {
    var argument = cdrm_prime_handle(handle: handle.rawValue, flags: ExportFlags.standard, fd: -1)
    try file.perform(
      .export,
      cdrm_request_prime_handle_to_fd,
      &argument,
      on: .handle(handle)
    )
    guard argument.fd >= 0 else {
      throw DRMError(
        operation: .export,
        reason: .impossibleAnswer("gave descriptor \(argument.fd)"),
        subject: .handle(handle)
      )
    }
    return DMABuf(descriptor: argument.fd, kernel: file.kernel)
  }
}
