// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// The calling process's memory as a kernel reaches it: a bad address is EFAULT, never a crash.
enum ClientMemory {
  /// Copies bytes in: `copy_from_user`.
  static func read(_ address: UInt64, into bytes: UnsafeMutableRawBufferPointer) throws(Errno) {
    guard let base = bytes.baseAddress, bytes.count > 0 else { return }
    let answer = unsafe cdrm_copy_from_client(base, address, bytes.count)
    if let errno = Errno(answer: answer) { throw errno }
  }

  /// Copies bytes out: `copy_to_user`.
  static func write(_ address: UInt64, from bytes: UnsafeRawBufferPointer) throws(Errno) {
    guard let base = bytes.baseAddress, bytes.count > 0 else { return }
    let answer = unsafe cdrm_copy_to_client(address, base, bytes.count)
    if let errno = Errno(answer: answer) { throw errno }
  }

  /// Copies `count` bytes in as an array.
  static func readBytes(_ address: UInt64, count: Int) throws(Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try unsafe bytes.withUnsafeMutableBufferPointer { buffer throws(Errno) in
      try unsafe read(address, into: UnsafeMutableRawBufferPointer(buffer))
    }
    return bytes
  }

  /// Copies an array's bytes out.
  static func writeBytes(_ address: UInt64, _ bytes: [UInt8]) throws(Errno) {
    try unsafe bytes.withUnsafeBufferPointer { buffer throws(Errno) in
      try unsafe write(address, from: UnsafeRawBufferPointer(buffer))
    }
  }

  /// Writes zeroes: `clear_user`.
  static func clear(_ address: UInt64, count: Int) throws(Errno) {
    try writeBytes(address, [UInt8](repeating: 0, count: count))
  }
}
