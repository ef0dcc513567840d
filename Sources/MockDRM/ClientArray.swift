// SPDX-License-Identifier: MIT

internal import DRMKernel

/// Arrays of handles in client memory.
enum ClientArray {
  /// Copies all of an array of 32-bit numbers, which must lie in one piece.
  static func words(_ address: UInt64, count: UInt32) throws(Errno) -> [UInt32] {
    guard count > 0 else { return [] }
    // The kernel does not allocate more than INT_MAX bytes at once.
    let size = Int(count) * 4
    guard size <= Int(Int32.max) else { throw .ENOMEM }
    let bytes = try ClientMemory.readBytes(address, count: size)
    return stride(from: 0, to: size, by: 4).map { index in
      bytes[index..<index + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
  }
}
