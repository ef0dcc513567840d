// SPDX-License-Identifier: MIT

package import DRMKernel

#if canImport(Glibc)
  internal import Glibc
#endif

/// What a mapping may be used for.
public enum MappingAccess: Hashable, Sendable {
  /// Loads only: `PROT_READ`.
  case read
  /// Loads and stores: `PROT_READ | PROT_WRITE`.
  case readWrite

  var protection: CInt {
    switch self {
    case .read: PROT_READ
    case .readWrite: PROT_READ | PROT_WRITE
    }
  }
}

/// Owns one CPU mapping of a BO; it outlives the handle and the node, as in the kernel.
///
/// Access to the bytes is scoped to a closure, and reaches the range of the scope only. On the host the
/// closure gets the mapping itself. A substitute whose mappings are not memory of this process fetches a
/// copy at the start of the scope and stores it at the end: make no system call and wait for no job inside.
@safe
public struct BufferMapping: ~Copyable, @unchecked Sendable {
  // Sendable although it stands for memory: only mutating methods write, so access is exclusive.
  let kernel: Kernel
  private var owned: Int?
  let address: Int
  let subject: DRMError.Subject

  /// What it may be used for.
  public let access: MappingAccess
  /// The number of mapped bytes.
  public let length: Int

  init(
    descriptor: CInt,
    offset: UInt64,
    length: UInt64,
    access: MappingAccess,
    kernel: Kernel,
    subject: DRMError.Subject
  ) throws(DRMError) {
    let answer = kernel.mmap(
      length: Int(truncatingIfNeeded: length),
      protection: access.protection,
      flags: MAP_SHARED,
      descriptor,
      offset: Int64(truncatingIfNeeded: offset)
    )
    // Numbers in the last page of the address space are errnos, as in the kernel's IS_ERR_VALUE.
    if answer < 0, answer > -4096 { throw DRMError.make(.map, answer: answer, subject) }
    guard answer != 0 else {
      throw DRMError(operation: .map, reason: .impossibleAnswer("mapped page 0"), subject: subject)
    }
    self.kernel = kernel
    self.subject = subject
    self.access = access
    self.length = Int(truncatingIfNeeded: length)
    address = answer
    owned = answer
  }

  deinit {
    if let owned { _ = kernel.munmap(owned, length: length) }
  }

  /// Unmaps, and reports an error; the end of the mapping's scope unmaps too, without a report.
  ///
  /// - Throws: what `munmap(2)` returned.
  public consuming func unmap() throws(DRMError) {
    guard let address = owned.take() else { return }
    let answer = kernel.munmap(address, length: length)
    guard answer >= 0 else { throw DRMError.make(.unmap, answer: answer, subject) }
  }

  /// Lets a closure read a byte range; on a WB mapping it sees what the CPU's cache holds.
  ///
  /// - Parameter range: in bytes, from the start of the mapping.
  /// - Throws: `outOfRange` for a range that does not lie within the mapping; the errno of a substitute
  ///   that cannot fetch the bytes.
  public func withBytes<Result>(
    in range: Range<UInt64>, _ body: (RawSpan) -> Result
  ) throws(DRMError) -> Result {
    try requireInBounds(range, .readBytes)
    do throws(Errno) {
      return try kernel.withBytes(at: address(of: range), count: range.count, body)
    } catch { throw DRMError.make(.readBytes, answer: error.answer, subject) }
  }

  /// Lets a closure read and write a byte range; traps on a mapping that was made for reading.
  ///
  /// - Parameter range: in bytes, from the start of the mapping.
  /// - Throws: `outOfRange` for a range that does not lie within the mapping; the errno of a substitute
  ///   that cannot fetch or store the bytes.
  public mutating func withMutableBytes<Result>(
    in range: Range<UInt64>, _ body: (inout MutableRawSpan) -> Result
  ) throws(DRMError) -> Result {
    try withMutableBytes(in: range, storing: true, body)
  }

  /// The same; with `storing` false, a substitute need not store the bytes after the closure.
  mutating func withMutableBytes<Result>(
    in range: Range<UInt64>, storing: Bool, _ body: (inout MutableRawSpan) -> Result
  ) throws(DRMError) -> Result {
    try requireWritable(range)
    do throws(Errno) {
      return try kernel.withMutableBytes(
        at: address(of: range), count: range.count, storing: storing, body)
    } catch { throw DRMError.make(.writeBytes, answer: error.answer, subject) }
  }

  /// Loads one integer, in the byte order of this machine; the offset need not be aligned.
  ///
  /// - Parameter offset: in bytes, from the start of the mapping.
  /// - Throws: as ``withBytes(in:_:)``.
  public func load<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type = Value.self, at offset: Int
  ) throws(DRMError) -> Value {
    let range = try range(of: Value.self, at: offset, .readBytes)
    do throws(Errno) {
      return try kernel.load(type, at: address(of: range))
    } catch { throw DRMError.make(.readBytes, answer: error.answer, subject) }
  }

  /// Stores one integer, in the byte order of this machine; traps on a mapping made for reading.
  ///
  /// - Parameter offset: in bytes, from the start of the mapping; it need not be aligned.
  /// - Throws: as ``withMutableBytes(in:_:)``.
  public mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(
    _ value: Value, at offset: Int
  ) throws(DRMError) {
    let range = try range(of: Value.self, at: offset, .writeBytes)
    try requireWritable(range)
    do throws(Errno) {
      try kernel.store(value, at: address(of: range))
    } catch { throw DRMError.make(.writeBytes, answer: error.answer, subject) }
  }

  /// Stores bytes from an offset on; they are all written, so a substitute fetches nothing before.
  ///
  /// - Parameter offset: in bytes, from the start of the mapping.
  /// - Throws: as ``withMutableBytes(in:_:)``.
  public mutating func store(_ bytes: [UInt8], at offset: UInt64) throws(DRMError) {
    let (end, overflow) = offset.addingReportingOverflow(UInt64(bytes.count))
    guard !overflow else { throw outOfRange(.writeBytes) }
    try requireWritable(offset..<end)
    do throws(Errno) {
      try kernel.storeBytes(bytes, at: address(of: offset..<end))
    } catch { throw DRMError.make(.writeBytes, answer: error.answer, subject) }
  }

  /// Reports to a modelled machine that the CPU is about to load a byte range of the mapping.
  ///
  /// A model sees no loads; see ``ModelledMachine``. The range must lie within the mapping.
  package func markRead(_ range: Range<UInt64>, in model: any ModelledMachine) {
    model.cpuReads(address(of: range), length: range.count)
  }

  /// Reports to a modelled machine that the CPU has stored into a byte range of the mapping.
  ///
  /// A model does not see a store of the value that is there already; see ``ModelledMachine``. The range
  /// must lie within the mapping.
  package func markWritten(_ range: Range<UInt64>, in model: any ModelledMachine) {
    model.cpuWrote(address(of: range), length: range.count)
  }

  func requireInBounds(
    _ range: Range<UInt64>, _ operation: DRMError.Operation
  ) throws(DRMError) {
    guard range.upperBound <= UInt64(length) else { throw outOfRange(operation) }
  }

  /// The address of a range that lies within the mapping.
  func address(of range: Range<UInt64>) -> Int { address + Int(range.lowerBound) }

  private func requireWritable(_ range: Range<UInt64>) throws(DRMError) {
    precondition(access == .readWrite, "the mapping was made for reading only")
    try requireInBounds(range, .writeBytes)
  }

  private func range<Value>(
    of type: Value.Type, at offset: Int, _ operation: DRMError.Operation
  ) throws(DRMError) -> Range<UInt64> {
    guard offset >= 0, offset <= length - MemoryLayout<Value>.size else {
      throw outOfRange(operation)
    }
    return UInt64(offset)..<UInt64(offset + MemoryLayout<Value>.size)
  }

  private func outOfRange(_ operation: DRMError.Operation) -> DRMError {
    DRMError(operation: operation, reason: .outOfRange, subject: subject)
  }
}
