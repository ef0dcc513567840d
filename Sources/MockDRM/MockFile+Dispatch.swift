// SPDX-License-Identifier: MIT

internal import DRMKernel

extension MockFile {
  /// Performs an ioctl in the order of `drm_ioctl`: type, table, copy in, permission, handler, copy out.
  ///
  /// Only type and number select the handler. Size and direction are the caller's: a shorter argument
  /// reads as zero past its end, a longer one is returned unchanged there.
  func ioctl(_ request: IoctlRequest, argument address: UInt64) throws(Errno) {
    guard request.type == UInt8(ascii: "d") else { throw .ENOTTY }
    guard let entry = device.driver.entry(request.number),
      !CoreIoctls.isMissing(request.number, in: device.profile.kernel)
    else { throw .EINVAL }
    let known = entry.request
    let inSize = request.isIn && known.isIn ? request.size : 0
    let outSize = request.isOut && known.isOut ? request.size : 0
    // In words of eight bytes, so that the argument is aligned as the kernel aligns it.
    var copy = [UInt64](repeating: 0, count: (max(request.size, known.size) + 7) / 8)
    try unsafe copy.withUnsafeMutableBufferPointer { words throws(Errno) in
      let bytes = UnsafeMutableRawBufferPointer(words)
      try unsafe ClientMemory.read(
        address,
        into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<inSize])
      )
      if kind == .render, !entry.isRenderAllowed { throw .EACCES }
      var failure: Errno?
      do throws(Errno) {
        try unsafe entry.handler(self, bytes)
      } catch {
        failure = error
      }
      if let failure, device.breaks(.copyOut) { throw failure }
      // The argument goes back even when the handler failed, and a fault here hides its errno.
      try unsafe ClientMemory.write(
        address,
        from: UnsafeRawBufferPointer(rebasing: bytes[..<outSize])
      )
      if let failure { throw failure }
    }
  }
}
