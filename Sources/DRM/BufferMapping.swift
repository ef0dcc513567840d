// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import CDRM

#if canImport(Glibc)
  internal import Glibc
#endif

/// What a mapping may be used for.
public enum MappingAccess: Hashable, Sendable {
  case read
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
/// Bytes are lent to closures and cannot leave them.
@safe
public struct BufferMapping: ~Copyable, @unchecked Sendable {
  // Sendable although it stands for memory: only mutating methods write, so access is exclusive.
  let kernel: Kernel
  private var owned: Int?
  let address: Int
  let subject: DRMError.Subject

  /// What it may be used for.
  public let access: MappingAccess
  /// How many bytes are mapped.
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
    // The last page of the address space is where errnos live: as in the kernel's IS_ERR_VALUE.
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

  /// Unmaps and reports what that answered; the end of its scope does it silently.
  public consuming func unmap() throws(DRMError) {
    guard let address = owned.take() else { return }
    let answer = kernel.munmap(address, length: length)
    guard answer >= 0 else { throw DRMError.make(.unmap, answer: answer, subject) }
  }

  /// Lends the bytes for reading; what they show on a WB mapping is what the CPU's cache holds.
  public func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let bytes = unsafe UnsafeRawBufferPointer(
      start: UnsafeRawPointer(bitPattern: address),
      count: length
    )
    return try body(unsafe bytes.bytes)
  }

  /// Lends the bytes for reading and writing; the mapping must have been made for that.
  public mutating func withMutableBytes<Result, Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withMutableBytes(in: 0..<length, body)
  }

  /// Lends some of the bytes; traps where they do not lie within a mapping made for writing.
  mutating func withMutableBytes<Result, Failure: Error>(
    in range: Range<Int>, _ body: (inout MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(access == .readWrite, "the mapping was made for reading only")
    precondition(range.upperBound <= length, "the bytes do not lie within the mapping")
    let bytes = unsafe UnsafeMutableRawBufferPointer(
      start: UnsafeMutableRawPointer(bitPattern: address + range.lowerBound),
      count: range.count
    )
    var span = unsafe bytes.mutableBytes
    return try body(&span)
  }

  /// Reads one integer; traps where it does not lie within the mapping.
  public func load<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type = Value.self,
    at offset: Int
  ) -> Value {
    precondition(offset >= 0 && offset <= length - MemoryLayout<Value>.size)
    return withBytes { bytes in
      unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self)
    }
  }

  /// Writes one integer; traps where it does not lie within a mapping made for writing.
  public mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(
    _ value: Value,
    at offset: Int
  ) {
    withMutableBytes { bytes in
      bytes.storeBytes(of: value, toByteOffset: offset, as: Value.self)
    }
  }
}
