// SPDX-License-Identifier: MIT

// Defaults for a substitute whose mappings are memory of this process.
extension KernelInterface {
  public var mapsIntoProcess: Bool { true }

  public func fetch(_ target: UnsafeMutableRawBufferPointer, from address: Int) -> CInt {
    unsafe ProcessMemory.fetch(target, from: address)
  }

  public func store(_ source: UnsafeRawBufferPointer, at address: Int) -> CInt {
    unsafe ProcessMemory.store(source, at: address)
  }
}

/// Copies within this process, for mappings that are memory of it.
private enum ProcessMemory {
  static func fetch(_ target: UnsafeMutableRawBufferPointer, from address: Int) -> CInt {
    guard let source = unsafe UnsafeRawPointer(bitPattern: address) else {
      return Errno.EFAULT.answer
    }
    unsafe target.copyMemory(from: UnsafeRawBufferPointer(start: source, count: target.count))
    return 0
  }

  static func store(_ source: UnsafeRawBufferPointer, at address: Int) -> CInt {
    guard let target = unsafe UnsafeMutableRawPointer(bitPattern: address) else {
      return Errno.EFAULT.answer
    }
    unsafe UnsafeMutableRawBufferPointer(start: target, count: source.count)
      .copyMemory(from: source)
    return 0
  }
}

/// Access to mapped bytes, scoped to a closure.
///
/// A scope reaches its own range and nothing else. Where ``mapsIntoProcess`` is true, the closure gets the
/// mapping itself. Otherwise it gets a copy, which is fetched at the start of the scope and, if it may
/// change, stored at its end. So the closure makes no system call and waits for no job: a device would
/// not see the bytes before the end of the scope.
extension Kernel {
  /// Whether mappings are memory of this process; see ``KernelInterface/mapsIntoProcess``.
  @inlinable public var mapsIntoProcess: Bool { substitute?.mapsIntoProcess ?? true }

  /// Lets a closure read `count` mapped bytes from an address on.
  ///
  /// - Throws: what the substitute returned where it cannot fetch the bytes; never on the host.
  @inlinable
  public func withBytes<Result>(
    at address: Int, count: Int, _ body: (RawSpan) -> Result
  ) throws(Errno) -> Result {
    if mapsIntoProcess {
      let bytes = unsafe UnsafeRawBufferPointer(
        start: UnsafeRawPointer(bitPattern: address), count: count)
      return body(unsafe bytes.bytes)
    }
    let copy = try fetchBytes(at: address, count: count)
    return unsafe copy.withUnsafeBytes { bytes in body(unsafe bytes.bytes) }
  }

  /// Lets a closure read and write `count` mapped bytes from an address on.
  ///
  /// - Parameter storing: whether a copy is stored at the end; false where the closure only reads.
  /// - Throws: what the substitute returned where it cannot fetch or store the bytes; never on the host.
  @inlinable
  public func withMutableBytes<Result>(
    at address: Int, count: Int, storing: Bool = true, _ body: (inout MutableRawSpan) -> Result
  ) throws(Errno) -> Result {
    if mapsIntoProcess {
      let bytes = unsafe UnsafeMutableRawBufferPointer(
        start: UnsafeMutableRawPointer(bitPattern: address), count: count)
      var span = unsafe bytes.mutableBytes
      return body(&span)
    }
    var copy = try fetchBytes(at: address, count: count)
    let result = unsafe copy.withUnsafeMutableBytes { bytes in
      var span = unsafe bytes.mutableBytes
      return body(&span)
    }
    if storing { try storeBytes(copy, at: address) }
    return result
  }

  /// Loads one integer from an address, which need not be aligned.
  ///
  /// - Throws: as ``withBytes(at:count:_:)``.
  @inlinable
  public func load<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type, at address: Int
  ) throws(Errno) -> Value {
    try withBytes(at: address, count: MemoryLayout<Value>.size) { bytes in
      unsafe bytes.unsafeLoadUnaligned(as: Value.self)
    }
  }

  /// Stores one integer at an address, which need not be aligned; nothing is fetched for it.
  ///
  /// - Throws: as ``withMutableBytes(at:count:storing:_:)``.
  @inlinable
  public func store<Value: FixedWidthInteger & BitwiseCopyable>(
    _ value: Value, at address: Int
  ) throws(Errno) {
    guard mapsIntoProcess else {
      return try storeBytes(unsafe withUnsafeBytes(of: value) { unsafe Array($0) }, at: address)
    }
    unsafe UnsafeMutableRawPointer(bitPattern: address)?.storeBytes(of: value, as: Value.self)
  }

  /// Copies mapped bytes out.
  ///
  /// - Throws: as ``withBytes(at:count:_:)``.
  public func fetchBytes(at address: Int, count: Int) throws(Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let answer = unsafe bytes.withUnsafeMutableBytes { target in
      unsafe fetch(target, from: address)
    }
    if let errno = Errno(answer: answer) { throw errno }
    return bytes
  }

  /// Copies bytes into a mapping; nothing is fetched for it.
  ///
  /// - Throws: as ``withMutableBytes(at:count:storing:_:)``.
  public func storeBytes(_ bytes: [UInt8], at address: Int) throws(Errno) {
    let answer = unsafe bytes.withUnsafeBytes { source in unsafe store(source, at: address) }
    if let errno = Errno(answer: answer) { throw errno }
  }

  /// Copies bytes of a mapping out; see ``KernelInterface/fetch(_:from:)``.
  public func fetch(_ target: UnsafeMutableRawBufferPointer, from address: Int) -> CInt {
    guard let substitute else { return unsafe ProcessMemory.fetch(target, from: address) }
    return unsafe substitute.fetch(target, from: address)
  }

  /// Copies bytes into a mapping; see ``KernelInterface/store(_:at:)``.
  public func store(_ source: UnsafeRawBufferPointer, at address: Int) -> CInt {
    guard let substitute else { return unsafe ProcessMemory.store(source, at: address) }
    return unsafe substitute.store(source, at: address)
  }
}
