// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

#if canImport(Glibc)
  internal import Glibc
#endif

/// One open file description of a DRM node: performs requests and counts the uses of each GEM handle.
///
/// Every object that belongs to the file holds a reference, so the descriptor closes after the last of them.
@usableFromInline
final class DRMFile: Sendable {
  let kernel: Kernel
  let path: String
  let descriptor: CInt
  private let handles = Guarded(HandleUses())

  init(path: String, flags: CInt, kernel: Kernel) throws(DRMError) {
    let answer = kernel.open(path, flags: flags)
    guard answer >= 0 else { throw DRMError.make(.open, answer: answer, .node(path)) }
    self.kernel = kernel
    self.path = path
    descriptor = answer
  }

  deinit { _ = kernel.close(descriptor) }

  var pageSize: Int { kernel.pageSize }

  /// Performs a request, and returns its result or a negated errno.
  func answer<Argument: BitwiseCopyable>(to request: UInt, _ argument: inout Argument) -> CInt {
    unsafe withUnsafeMutablePointer(to: &argument) { pointer in
      unsafe kernel.ioctl(descriptor, request, pointer)
    }
  }

  /// Performs a request, and throws its errno.
  func perform<Argument: BitwiseCopyable>(
    _ operation: DRMError.Operation,
    _ request: UInt,
    _ argument: inout Argument,
    on subject: @autoclosure () -> DRMError.Subject
  ) throws(DRMError) {
    let answer = answer(to: request, &argument)
    guard answer >= 0 else { throw DRMError.make(operation, answer: answer, subject()) }
  }

  /// Performs a request on a BO, and returns its argument as the kernel left it; throws its errno.
  @discardableResult
  func perform<Argument: BitwiseCopyable>(
    _ operation: DRMError.Operation, _ request: UInt, _ argument: Argument, on handle: GEMHandle
  ) throws(DRMError) -> Argument {
    var argument = argument
    try perform(operation, request, &argument, on: .handle(handle))
    return argument
  }

  /// Performs a request that creates a BO, and returns the handle that `handle` finds in its argument.
  func create<Argument: BitwiseCopyable>(
    _ request: UInt, _ argument: inout Argument, _ handle: (Argument) -> UInt32
  ) throws(DRMError) -> GEMHandle {
    try perform(.createBuffer, request, &argument, on: .node(path))
    return try GEMHandle(returned: handle(argument), by: .createBuffer, on: .node(path))
  }

  /// Performs a request for a BO's fake offset, which `offset` finds in its argument.
  func fakeOffset<Argument: BitwiseCopyable>(
    of handle: GEMHandle, _ request: UInt, _ argument: Argument, _ offset: (Argument) -> UInt64
  ) throws(DRMError) -> FakeOffset {
    let answer = try perform(.fakeOffset, request, argument, on: handle)
    return try FakeOffset(returned: offset(answer), for: handle)
  }

  /// Counts the first use of a handle that a create call returned.
  func adopt(_ handle: GEMHandle) {
    handles.withLock { $0.adopt(handle) }
  }

  /// Whether a create call of this file returned the handle, and its owners have it still.
  func hasCreated(_ handle: GEMHandle) -> Bool {
    handles.withLock { $0.hasCreated(handle) }
  }

  /// Imports a dma-buf, and counts a use of the handle that the ioctl returns.
  ///
  /// PRIME may return a handle that this file already has; only its last use may close it. The lock spans the
  /// call, so that no other thread closes that handle before the use is counted.
  func importHandle(_ dmaBuf: CInt) throws(DRMError) -> GEMHandle {
    try handles.withLock { uses throws(DRMError) in
      var argument = cdrm_prime_handle(handle: 0, flags: 0, fd: dmaBuf)
      try perform(.importBuffer, cdrm_request_prime_fd_to_handle, &argument, on: .dmaBuf)
      let handle = try GEMHandle(returned: argument.handle, by: .importBuffer, on: .dmaBuf)
      uses.add(handle)
      return handle
    }
  }

  /// Leaves the close of the handle to the caller.
  func disown(_ handle: GEMHandle) {
    handles.withLock { $0.disown(handle) }
  }

  /// Releases one use; the last one closes the handle, unless the caller owns it.
  func release(_ handle: GEMHandle) throws(DRMError) {
    try handles.withLock { uses throws(DRMError) in
      guard uses.remove(handle) else { return }
      var argument = cdrm_gem_close(handle: handle.rawValue, pad: 0)
      try perform(.closeHandle, cdrm_request_gem_close, &argument, on: .handle(handle))
    }
  }
}

/// The flags that nodes and other device files are opened with.
enum OpenFlags {
  static let readWrite = O_RDWR | O_CLOEXEC
}
