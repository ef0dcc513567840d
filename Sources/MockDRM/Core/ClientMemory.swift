// SPDX-License-Identifier: MIT

internal import CDRM
internal import CMockSupport
internal import DRMKernel

/// Access to the memory of the calling process, as in a kernel: a bad address is EFAULT, never a crash.
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
    let answer = unsafe cmock_copy_to_client(address, base, bytes.count)
    if let errno = Errno(answer: answer) { throw errno }
  }

  /// Copies `count` bytes in and returns them.
  static func readBytes(_ address: UInt64, count: Int) throws(Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try unsafe bytes.withUnsafeMutableBufferPointer { buffer throws(Errno) in
      try unsafe read(address, into: UnsafeMutableRawBufferPointer(buffer))
    }
    return bytes
  }

  /// Copies the bytes of an array out.
  static func writeBytes(_ address: UInt64, _ bytes: [UInt8]) throws(Errno) {
    try unsafe bytes.withUnsafeBufferPointer { buffer throws(Errno) in
      try unsafe write(address, from: UnsafeRawBufferPointer(buffer))
    }
  }

  /// Writes zeroes: `clear_user`.
  static func clear(_ address: UInt64, count: Int) throws(Errno) {
    let zeroes = [UInt8](repeating: 0, count: min(count, 65536))
    var done = 0
    while done < count {
      let length = min(zeroes.count, count - done)
      let (next, overflow) = address.addingReportingOverflow(UInt64(done))
      guard !overflow else { throw .EFAULT }
      try writeBytes(next, length == zeroes.count ? zeroes : Array(zeroes[..<length]))
      done += length
    }
  }

  /// Whether all bytes are zero; bytes after the first nonzero block are not read: `check_zeroed_user`.
  static func isZero(_ address: UInt64, count: Int) throws(Errno) -> Bool {
    var done = 0
    while done < count {
      let block = try readBlock(address, from: done, limit: count)
      guard block.allSatisfy({ $0 == 0 }) else { return false }
      done += block.count
    }
    return true
  }

  /// Copies a string in up to its NUL: `strndup_user`; nil where the first `limit` bytes have no NUL.
  static func readString(_ address: UInt64, limit: Int) throws(Errno) -> [UInt8]? {
    var string: [UInt8] = []
    while string.count < limit {
      let block = try readBlock(address, from: string.count, limit: limit)
      if let end = block.firstIndex(of: 0) { return string + block[..<end] }
      string += block
    }
    return nil
  }

  /// Reads up to the end of an aligned block of 256 bytes, so bytes before an unmapped page are read.
  private static func readBlock(
    _ address: UInt64, from start: Int, limit: Int
  ) throws(Errno) -> [UInt8] {
    let (next, overflow) = address.addingReportingOverflow(UInt64(start))
    guard !overflow else { throw .EFAULT }
    return try readBytes(next, count: min(limit - start, Int(256 - next % 256)))
  }
}
