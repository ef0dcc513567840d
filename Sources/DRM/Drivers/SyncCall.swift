// SPDX-License-Identifier: MIT

/// Issues one sync by a driver's ioctl.
///
/// It is a class, and not part of ``DriverUAPI``, for speed: a call through a class's table adds one frame
/// around the system call, a protocol's witness adds two, and a stored closure is retained.
@usableFromInline
class SyncCall: @unchecked Sendable {
  // Sendable although it can be subclassed: subclasses have constants only.

  /// Returned without a call where the range does not fit 32 bits; it is below every errno.
  static let rangeTooLarge = CInt.min
  /// Returned without a call where the BO is not synced by the driver's ioctl.
  static let notByDriver = CInt.min + 1

  init() {}

  /// Syncs a byte range, and returns 0 or a negated errno; a class without an override has no ioctl.
  @usableFromInline
  func issue(
    _ kind: SyncKind, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    Self.notByDriver
  }

  /// The same in the proposed form; returns 0 without a call where no sync is needed.
  func issue(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>, of handle: GEMHandle,
    in file: DRMFile
  ) -> CInt {
    Self.notByDriver
  }
}

/// Issues one sync, encoded for an ABI variant, by a driver's ioctl.
class DriverSyncCall: SyncCall, @unchecked Sendable {
  final let abi: SyncABI

  init(_ abi: SyncABI) {
    self.abi = abi
  }

  /// Issues the one or two operations of an encoding, as one ioctl.
  func issue(
    _ encoded: EncodedSync, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    Self.notByDriver
  }

  /// Issues a kind as the ABI variant encodes it; out of line, so that the merged path saves no registers.
  @inline(never)
  final func issueEncoded(
    _ kind: SyncKind, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    issue(abi.encoding(of: kind), range, of: handle, in: file)
  }

  override final func issue(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>, of handle: GEMHandle,
    in file: DRMFile
  ) -> CInt {
    guard let encoded = abi.encoding(for: accessor, access) else { return 0 }
    return issue((encoded, nil), range, of: handle, in: file)
  }
}
