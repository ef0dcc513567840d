// SPDX-License-Identifier: MIT

/// Sync operations on any BOs of one node, issued as one ioctl.
///
/// A batch names BOs by handle. Keep each BO until the batch is issued: the kernel answers ENOENT for a
/// handle that was closed, and syncs another BO if the number was given out again.
public struct SyncBatch: Sendable {
  /// An operation in the layout that panthor takes as it stands: handle, type or flags, offset, size.
  struct Entry: BitwiseCopyable {
    let handle: UInt32
    let word: UInt32
    let offset: UInt64
    let size: UInt64
  }

  private(set) var entries: [Entry] = []
  /// In whose words the entries are.
  private(set) var dialect = SyncDialect.merged

  /// Creates an empty batch that takes `capacity` operations without growing.
  public init(capacity: Int = 0) {
    entries.reserveCapacity(capacity)
  }

  /// How many operations the ioctl will carry; in the series' dialect a flush-and-invalidate is two.
  public var count: Int { entries.count }

  /// Adds an operation; it takes effect when the batch is issued.
  ///
  /// - Throws: `importedInBatch` for an imported BO: its call would be refused, and the batch cut short;
  ///   `otherDialect` for a BO of a node that speaks another than those before.
  public mutating func append(
    _ operation: SyncOperation, on buffer: borrowing BufferObject
  ) throws(DRMError) {
    guard !buffer.isImported else { throw Self.refusal(.importedInBatch, buffer) }
    try append(operation, onHandleOf: buffer)
  }

  /// Adds an operation in the form of the series, in the words that the BO's driver knows for it.
  ///
  /// What a driver as merged need not be asked for, before the CPU writes, adds nothing.
  ///
  /// - Throws: as ``append(_:on:)``.
  public mutating func append(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>,
    on buffer: borrowing BufferObject
  ) throws(DRMError) {
    guard !buffer.isImported else { throw Self.refusal(.importedInBatch, buffer) }
    try append(for: accessor, access, range, onHandleOf: buffer)
  }

  /// Adds an operation whoever made the BO: for who wants to see an import refused, and the batch cut short.
  public mutating func append(
    _ operation: SyncOperation, onHandleOf buffer: borrowing BufferObject
  ) throws(DRMError) {
    if buffer.dialect == .merged, dialect == .merged {
      // The usual case, without a look at how else it could be said.
      return add(operation.kind.rawValue, operation.range, buffer.handle)
    }
    try speak(as: buffer)
    let words = dialect.words(for: operation.kind)
    add(words.first, operation.range, buffer.handle)
    if let second = words.second { add(second, operation.range, buffer.handle) }
  }

  /// Adds an operation in the form of the series, whoever made the BO.
  public mutating func append(
    for accessor: SyncAccessor, _ access: SyncAccess, _ range: Range<UInt64>,
    onHandleOf buffer: borrowing BufferObject
  ) throws(DRMError) {
    try speak(as: buffer)
    guard let word = dialect.word(for: accessor, access) else {
      return try buffer.requireInBounds(range)
    }
    add(word, range, buffer.handle)
  }

  /// Forgets all operations and keeps the room they took.
  public mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
  }

  /// Sees to it that no kernel gets words of the other dialect.
  private mutating func speak(as buffer: borrowing BufferObject) throws(DRMError) {
    if buffer.dialect == dialect { return }
    guard entries.isEmpty else { throw Self.refusal(.otherDialect, buffer) }
    dialect = buffer.dialect
  }

  private mutating func add(_ word: UInt32, _ range: Range<UInt64>, _ handle: GEMHandle) {
    entries.append(
      Entry(
        handle: handle.rawValue, word: word, offset: range.lowerBound,
        size: range.upperBound - range.lowerBound))
  }

  private static func refusal(
    _ reason: DRMError.Reason, _ buffer: borrowing BufferObject
  ) -> DRMError {
    DRMError(operation: .syncBuffer, reason: reason, subject: .handle(buffer.handle))
  }
}
