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

  /// Copies a string in up to its NUL: `strndup_user`; nil where none comes within `limit` bytes.
  static func readString(_ address: UInt64, limit: Int) throws(Errno) -> [UInt8]? {
    var string: [UInt8] = []
    while string.count < limit {
      // To the end of a small block at most, so that a string may end just before unmapped memory.
      let (next, overflow) = address.addingReportingOverflow(UInt64(string.count))
      guard !overflow else { throw .EFAULT }
      let block = min(limit - string.count, Int(256 - next % 256))
      let bytes = try readBytes(next, count: block)
      if let end = bytes.firstIndex(of: 0) { return string + bytes[..<end] }
      string += bytes
    }
    return nil
  }
}
