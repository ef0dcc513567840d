// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The open file of a device that exports memory and is no DRM node.
struct ExporterFile: ~Copyable, Sendable {
  let path: String
  let descriptor: CInt
  let kernel: Kernel

  init(path: String, kernel: Kernel) throws(DRMError) {
    let answer = kernel.open(path, flags: OpenFlags.readWrite)
    guard answer >= 0 else { throw DRMError.make(.open, answer: answer, .node(path)) }
    self.path = path
    self.kernel = kernel
    descriptor = answer
  }

  deinit { _ = kernel.close(descriptor) }

  /// Asks for memory, and answers the ioctl's result.
  func allocate<Argument: BitwiseCopyable>(
    _ request: UInt, _ argument: inout Argument
  ) throws(DRMError) -> CInt {
    let answer = unsafe withUnsafeMutablePointer(to: &argument) { pointer in
      unsafe kernel.ioctl(descriptor, request, pointer)
    }
    guard answer >= 0 else { throw DRMError.make(.createBuffer, answer: answer, .node(path)) }
    return answer
  }
}
