// SPDX-License-Identifier: MIT

internal import DRMDrivers
public import DRMKernel

/// A variant of the sync ABI: what the 32 bits at offset 4 of a sync operation mean to the kernel.
///
/// Request codes, sizes and offsets are the same in both variants. A kernel does not report its variant, and
/// takes an operation of the other variant for one of its own. So select `seriesV4` only for a kernel that
/// was built from the series.
@_spi(ProposedSync)
public enum SyncABI: String, CaseIterable, Hashable, Sendable {
  /// A type, flush or flush-and-invalidate: Linux 7.0 and later.
  case merged
  /// Flags for the accessor and the access: version 4 of the series, October 2025.
  ///
  /// Cached maps came with panthor 1.6 and panfrost 1.5 there.
  case seriesV4 = "series-v4"

  /// Encodes a kind of sync.
  func encoding(of kind: SyncKind) -> EncodedSync {
    switch (self, kind) {
    case (.merged, _): (kind.rawValue, nil)
    case (.seriesV4, .flush): (SeriesFlags.flush, nil)
    case (.seriesV4, .flushAndInvalidate): (SeriesFlags.clean, SeriesFlags.invalidate)
    }
  }

  /// Encodes a sync for an access; nil where the access requires no sync.
  func encoding(for accessor: SyncAccessor, _ access: SyncAccess) -> UInt32? {
    switch self {
    case .merged: SyncKind(for: accessor, access)?.rawValue
    case .seriesV4: SeriesFlags.encoding(for: accessor, access)
    }
  }
}

/// The types or flags of the operations that one sync is encoded as; the second may be absent.
typealias EncodedSync = (first: UInt32, second: UInt32?)

/// The flags of the series, where the merged ABI has a type.
private enum SeriesFlags {
  private static let forDevice: UInt32 = 1 << 0
  private static let read: UInt32 = 1 << 1
  private static let write: UInt32 = 1 << 2

  static func encoding(for accessor: SyncAccessor, _ access: SyncAccess) -> UInt32 {
    let bits =
      switch access {
      case .read: read
      case .write: write
      case .readWrite: read | write
      }
    return accessor == .device ? forDevice | bits : bits
  }

  /// Cleans, as the merged flush does.
  static let flush = forDevice | read
  /// Cleans; followed by `invalidate`, it does what the merged flush-and-invalidate does.
  static let clean = forDevice | read | write
  static let invalidate = read
}

/// Which side accesses the bytes next: `DRM_GEM_OBJECT_CPU_ACCESS`, `DRM_GEM_OBJECT_DEV_ACCESS`.
@_spi(ProposedSync)
public enum SyncAccessor: String, CaseIterable, Hashable, Sendable {
  /// The CPU, through a mapping.
  case cpu
  /// The BO's device.
  case device
}

/// How the bytes are accessed: `DRM_GEM_OBJECT_READ_ACCESS`, `DRM_GEM_OBJECT_WRITE_ACCESS`.
@_spi(ProposedSync)
public enum SyncAccess: String, CaseIterable, Hashable, Sendable {
  /// Reads only.
  case read
  /// Writes only.
  case write
  /// Reads and writes.
  case readWrite = "read_write"
}

extension SyncKind {
  /// The merged kind that has the effect of a proposed sync; nil where no maintenance is needed.
  ///
  /// A device's access needs a clean, whether it reads or writes. A read by the CPU needs an invalidate;
  /// the merged kind for that cleans first. A write by the CPU needs none.
  @_spi(ProposedSync)
  public init?(for accessor: SyncAccessor, _ access: SyncAccess) {
    switch (accessor, access) {
    case (.device, _): self = .flush
    case (.cpu, .read), (.cpu, .readWrite): self = .flushAndInvalidate
    case (.cpu, .write): return nil
    }
  }
}

extension DRMNode {
  /// Opens a node whose kernel has a given variant of the sync ABI, and identifies its driver.
  ///
  /// - Parameters:
  ///   - path: a render or primary node, such as `/dev/dri/renderD128`.
  ///   - kernel: the host's kernel or a substitute.
  ///   - abi: how that kernel decodes sync operations; it does not report that.
  /// - Throws: EACCES or ENOENT from `open(2)`; `notADRMNode`; `unknownDriver`.
  @_spi(ProposedSync)
  public init(path: String, kernel: Kernel, abi: SyncABI) throws(DRMError) {
    try self.init(opening: path, on: kernel, abi)
  }

  /// How sync operations are encoded for the node's kernel.
  @_spi(ProposedSync)
  public var abi: SyncABI { uapi.release.abi }
}

extension BufferObject {
  /// Syncs a byte range for an access, in the proposed form.
  ///
  /// For a merged driver the operation with the same effect is issued: a flush before the device's access, a
  /// flush-and-invalidate before the CPU reads, and none before the CPU writes. With ``SyncABI/seriesV4``
  /// the driver gets accessor and access as flags.
  ///
  /// - Throws: as ``sync(_:_:)``.
  @_spi(ProposedSync)
  public func sync(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>
  ) throws(DRMError) {
    // Without a call, only this client can refuse the range.
    if SyncKind(for: accessor, access) == nil { try requireInBounds(range) }
    let answer = syncCall.issue(for: accessor, access, range, of: handle, in: file)
    guard answer < 0 else { return }
    try syncOtherwise(answer, SyncKind(for: accessor, access), range)
  }

  /// Syncs for an access by the driver's ioctl only, also an imported BO, which drivers refuse.
  ///
  /// - Throws: as ``syncByDriver(_:_:)``.
  @_spi(ProposedSync)
  public func syncByDriver(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>
  ) throws(DRMError) {
    try uapi.require(.explicitSync, .syncBuffer, in: file)
    if SyncKind(for: accessor, access) == nil { try requireInBounds(range) }
    try check(uapi.syncCall?.issue(for: accessor, access, range, of: handle, in: file) ?? 0)
  }
}

extension BufferMapping {
  /// Maintains a byte range for an access, with the CPU's own instructions.
  ///
  /// - Throws: as ``maintain(_:_:)``.
  @_spi(ProposedSync)
  public func maintain(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>
  ) throws(DRMError) {
    guard let kind = SyncKind(for: accessor, access) else {
      return try requireInBounds(range, .syncBuffer)
    }
    try maintain(kind, range)
  }
}

extension SyncBatch {
  /// Adds a sync for an access, encoded for the BO's driver; a sync that is not needed adds nothing.
  ///
  /// - Throws: as ``append(_:on:)``.
  @_spi(ProposedSync)
  public mutating func append(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>,
    on buffer: borrowing BufferObject
  ) throws(DRMError) {
    try refuseImported(buffer)
    try append(for: accessor, access, range, onHandleOf: buffer)
  }

  /// Adds a sync for an access, also of an imported BO.
  ///
  /// - Throws: as ``append(_:onHandleOf:)``.
  @_spi(ProposedSync)
  public mutating func append(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>,
    onHandleOf buffer: borrowing BufferObject
  ) throws(DRMError) {
    try adopt(buffer)
    guard let encoded = abi.encoding(for: accessor, access) else {
      return try buffer.requireInBounds(range)
    }
    add(encoded, range, buffer.handle)
  }
}
