// SPDX-License-Identifier: MIT

/// How a driver issues one sync.
///
/// A class, and not part of ``Driver``: a call by its table is one frame around the system call, where a
/// protocol's witness is two and a stored closure is retained.
@usableFromInline
class SyncCall: @unchecked Sendable {
  // Sendable although it can be subclassed: what a subclass has is constant.

  /// Answered without a call, where the range does not fit 32 bits; no errno is as low.
  static let rangeTooLarge = CInt.min
  /// Answered without a call, where the BO is not synced by a call of the driver's own.
  static let notByDriver = CInt.min + 1

  init() {}

  /// Syncs a byte range and answers as the seam does; what is not overridden has no call of its own.
  @usableFromInline
  func issue(
    _ kind: SyncKind, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    Self.notByDriver
  }

  /// The same in the form of the series; 0 without a call where nothing is to be asked for.
  func issue(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>, of handle: GEMHandle,
    in file: DRMFile
  ) -> CInt {
    Self.notByDriver
  }
}

/// A sync by a driver's own call, in the words of a dialect.
class DriverSyncCall: SyncCall, @unchecked Sendable {
  final let dialect: SyncDialect

  init(_ dialect: SyncDialect) {
    self.dialect = dialect
  }

  /// Issues the one or two operations that words stand for, as one call.
  func issue(
    _ words: SyncWords, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    Self.notByDriver
  }

  /// Issues a kind as another dialect spells it; out of line, so that the merged way saves no registers for it.
  @inline(never)
  final func spell(
    _ kind: SyncKind, _ range: Range<UInt64>, of handle: GEMHandle, in file: DRMFile
  ) -> CInt {
    issue(dialect.words(for: kind), range, of: handle, in: file)
  }

  override final func issue(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>, of handle: GEMHandle,
    in file: DRMFile
  ) -> CInt {
    guard let word = dialect.word(for: accessor, access) else { return 0 }
    return issue((word, nil), range, of: handle, in: file)
  }
}
