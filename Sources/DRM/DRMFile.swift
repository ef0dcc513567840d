// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// One open file description of a DRM node: performs requests and counts the uses of each GEM handle.
///
/// Everything that lives in the file holds it, so the descriptor closes after the last of them, in
/// whatever order they end.
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

  /// Performs a request and answers as the seam does; the only way from the client to an ioctl.
  func answer<Argument: BitwiseCopyable>(to request: UInt, _ argument: inout Argument) -> CInt {
    unsafe withUnsafeMutablePointer(to: &argument) { pointer in
      unsafe kernel.ioctl(descriptor, request, pointer)
    }
  }

  /// Performs a request, and throws what it was refused with.
  func perform<Argument: BitwiseCopyable>(
    _ operation: DRMError.Operation,
    _ request: UInt,
    _ argument: inout Argument,
    on subject: @autoclosure () -> DRMError.Subject
  ) throws(DRMError) {
    let answer = answer(to: request, &argument)
    guard answer >= 0 else { throw DRMError.make(operation, answer: answer, subject()) }
  }

  /// Takes over the one use that a create call gave.
  func adopt(_ handle: GEMHandle) {
    handles.withLock { $0.adopt(handle) }
  }

  /// Imports a dma-buf and takes a use of the handle it answers.
  ///
  /// PRIME answers the handle this file may already have, so the first close must not be the last; and
  /// the lock spans the call, so that no other thread closes that handle before it is counted.
  func importHandle(_ dmaBuf: CInt) throws(DRMError) -> GEMHandle {
    try handles.withLock { uses throws(DRMError) in
      var argument = cdrm_prime_handle(handle: 0, flags: 0, fd: dmaBuf)
      try perform(.importBuffer, cdrm_request_prime_fd_to_handle, &argument, on: .dmaBuf)
      let handle = try GEMHandle(answered: argument.handle, by: .importBuffer, on: .dmaBuf)
      uses.add(handle)
      return handle
    }
  }

  /// Leaves the handle to the caller, who closes it.
  func disown(_ handle: GEMHandle) {
    handles.withLock { $0.disown(handle) }
  }

  /// Gives one use back; the last one closes the handle, unless the caller has it.
  func release(_ handle: GEMHandle) throws(DRMError) {
    try handles.withLock { uses throws(DRMError) in
      guard uses.remove(handle) else { return }
      var argument = cdrm_gem_close(handle: handle.rawValue, pad: 0)
      try perform(.closeHandle, cdrm_request_gem_close, &argument, on: .handle(handle))
    }
  }
}

extension GEMHandle {
  /// Takes a handle out of a successful answer; 0 is never one.
  init(
    answered number: UInt32,
    by operation: DRMError.Operation,
    on subject: DRMError.Subject
  ) throws(DRMError) {
    guard number != 0 else {
      throw DRMError(
        operation: operation,
        reason: .impossibleAnswer("gave handle 0"),
        subject: subject
      )
    }
    self.init(rawValue: number)
  }
}
