// SPDX-License-Identifier: MIT

#if canImport(Glibc)
  internal import Glibc
#endif

/// Writes all bytes to a descriptor, in as many calls of `write(2)` as it takes.
///
/// - Throws: the error of the call that failed; the bytes before it are written.
package func writeAll(_ bytes: [UInt8], to descriptor: CInt) throws(Errno) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = unsafe rest.withUnsafeBytes { buffer in
      unsafe write(descriptor, buffer.baseAddress, buffer.count)
    }
    if count > 0 {
      rest = rest.dropFirst(count)
    } else if Glibc.errno != EINTR {
      throw Errno(rawValue: Glibc.errno)
    }
  }
}
