// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel
internal import CDRM

/// Owns one use of a GEM handle: a BO within one open node.
///
/// Mappings and dma-bufs made from it outlive it, as in the kernel.
public struct BufferObject: ~Copyable, Sendable {
  @usableFromInline let file: DRMFile
  let uapi: any DriverUAPI
  private var owned: GEMHandle?
  // The dma-buf that an imported BO is synced through.
  let source: ImportSource?
  // How the driver syncs it; not optional, because an optional would be retained at each call.
  @usableFromInline let syncCall: SyncCall
  // How a batch encodes its operations.
  let abi: SyncABI

  /// The BO's number in its node.
  public let handle: GEMHandle
  /// The BO's size in bytes, as the kernel rounded it.
  public let size: UInt64

  init(
    file: DRMFile, uapi: any DriverUAPI, handle: GEMHandle, size: UInt64,
    source: ImportSource? = nil
  ) {
    self.file = file
    self.uapi = uapi
    self.handle = handle
    self.size = size
    self.source = source
    syncCall = (source == nil ? uapi.syncCall : nil) ?? SyncCall()
    abi = uapi.release.abi
    owned = handle
  }

  /// Whether the memory belongs to another exporter; nil where the driver does not report it.
  ///
  /// Drivers of kernels before Linux 7.0 do not: there it is false for a BO that this node created, and nil
  /// for any other. A BO with nil is synced through its dma-buf too; where the same device exported it, as
  /// WC memory, its driver then has nothing to maintain.
  public var isImported: Bool? {
    guard let source else { return false }
    return source.isReported ? true : nil
  }

  deinit {
    if let owned { try? file.release(owned) }
  }

  /// Releases the handle, and reports an error; the end of the BO's scope does it without a report.
  ///
  /// The ioctl is `DRM_IOCTL_GEM_CLOSE`, issued with the handle's last use in this node.
  ///
  /// - Throws: what the ioctl returned.
  public consuming func close() throws(DRMError) {
    if let handle = owned.take() { try file.release(handle) }
  }

  /// Gives the handle to the caller, who closes it; the end of the node closes it at the latest.
  public consuming func disown() -> GEMHandle {
    if let handle = owned.take() { file.disown(handle) }
    return handle
  }

  /// Cleans, or cleans and invalidates, the CPU cache lines of a byte range: one ioctl.
  ///
  /// It does cache maintenance only: no wait, no migration, and no effect beyond whole lines. On a WC
  /// mapping or a coherent device the call succeeds and does nothing. An imported BO is synced through its
  /// dma-buf instead, as a whole: drivers refuse their own call for it.
  ///
  /// - Parameter range: in bytes, from the start of the BO.
  /// - Throws: EINVAL for a range that ends past the BO; `needs` where the driver at this version has no
  ///   such call; `rangeTooLarge` where its fields have 32 bits and the range needs more.
  @inlinable
  public func sync(_ kind: SyncKind, _ range: Range<UInt64>) throws(DRMError) {
    let answer = syncCall.issue(kind, range, of: handle, in: file)
    guard answer >= 0 else { return try syncOtherwise(answer, kind, range) }
  }

  /// Throws the error of the driver's call; where the driver has no call, syncs through the dma-buf.
  @usableFromInline @inline(never)
  func syncOtherwise(
    _ answer: CInt, _ kind: SyncKind?, _ range: Range<UInt64>
  ) throws(DRMError) {
    guard answer == SyncCall.notByDriver else { return try check(answer) }
    guard source != nil else { return try uapi.require(.explicitSync, .syncBuffer, in: file) }
    try requireInBounds(range)
    if let kind { try source?.dmaBuf.sync(kind) }
  }

  /// Throws the error of the driver's call.
  func check(_ answer: CInt) throws(DRMError) {
    guard answer < 0 else { return }
    guard answer != SyncCall.rangeTooLarge else {
      throw DRMError(operation: .syncBuffer, reason: .rangeTooLarge, subject: .handle(handle))
    }
    throw DRMError.make(.syncBuffer, answer: answer, .handle(handle))
  }

  /// Refuses a range that ends past the BO, as drivers do.
  func requireInBounds(_ range: Range<UInt64>) throws(DRMError) {
    guard range.upperBound <= size else {
      throw DRMError.make(.syncBuffer, answer: Errno.EINVAL.answer, .handle(handle))
    }
  }

  /// Labels the BO for debugging tools, with at most 4095 bytes; nil removes the label.
  ///
  /// The ioctls are `DRM_IOCTL_PANTHOR_BO_SET_LABEL` and `DRM_IOCTL_PANFROST_SET_LABEL_BO`.
  ///
  /// - Throws: E2BIG for a longer label; `needs` before panthor 1.4 and panfrost 1.4.
  public func setLabel(_ label: String?) throws(DRMError) {
    try uapi.require(.labels, .label, in: file)
    guard let label else { return try uapi.setLabel(0, of: handle, in: file) }
    let bytes = Array(label.utf8) + [0]
    try unsafe bytes.withUnsafeBufferPointer { buffer throws(DRMError) in
      try uapi.setLabel(
        UInt64(UInt(bitPattern: buffer.baseAddress)), of: handle, in: file)
    }
  }

  /// Queries the mapping that the BO was created for, and whether it is imported.
  ///
  /// The ioctls are `DRM_IOCTL_PANTHOR_BO_QUERY_INFO` and `DRM_IOCTL_PANFROST_QUERY_BO_INFO`.
  ///
  /// - Throws: `needs` or `notOffered` where the driver at this version has no such call.
  public func info() throws(DRMError) -> BufferInfo {
    try uapi.require(.bufferQuery, .queryBuffer, in: file)
    return try uapi.info(of: handle, in: file)
  }

  /// Gets the offset that selects this BO in `mmap`; every call returns the same.
  ///
  /// - Throws: EPERM for a BO that was created without CPU mapping.
  public func fakeOffset() throws(DRMError) -> FakeOffset {
    try uapi.fakeOffset(of: handle, in: file)
  }

  /// Maps the whole BO, shared.
  ///
  /// Parts cannot be mapped: drivers resolve page faults by the position in the mapping.
  ///
  /// - Throws: as ``fakeOffset()``; what `mmap(2)` returned.
  public func map(_ access: MappingAccess = .readWrite) throws(DRMError) -> BufferMapping {
    try BufferMapping(
      descriptor: file.descriptor,
      offset: fakeOffset().rawValue,
      length: size,
      access: access,
      kernel: file.kernel,
      subject: .handle(handle)
    )
  }

  /// Exports the BO as a dma-buf, close-on-exec, readable and writable.
  ///
  /// The ioctl is `DRM_IOCTL_PRIME_HANDLE_TO_FD`. The first export of a BO decides for all later exports
  /// whether the dma-buf can be mapped writable, so this always passes `DRM_RDWR`.
  ///
  /// - Throws: EINVAL for a BO that is exclusive to one VM; EPERM for one of the firmware's.
  public func export() throws(DRMError) -> DMABuf {
    let flags: UInt32 = 0x80000 | 0x2  // DRM_CLOEXEC | DRM_RDWR
    var argument = cdrm_prime_handle(handle: handle.rawValue, flags: flags, fd: -1)
    try file.perform(.export, cdrm_request_prime_handle_to_fd, &argument, on: .handle(handle))
    guard argument.fd >= 0 else {
      throw DRMError(
        operation: .export, reason: .impossibleAnswer("returned descriptor \(argument.fd)"),
        subject: .handle(handle))
    }
    return DMABuf(descriptor: argument.fd, kernel: file.kernel)
  }
}

/// The dma-buf that an imported BO was made from; it lives as long as the BO, which is synced through it.
final class ImportSource: Sendable {
  let dmaBuf: DMABuf
  // Whether the driver has reported that the memory is another exporter's.
  let isReported: Bool

  init(_ dmaBuf: consuming DMABuf, isReported: Bool) {
    self.dmaBuf = dmaBuf
    self.isReported = isReported
  }
}
