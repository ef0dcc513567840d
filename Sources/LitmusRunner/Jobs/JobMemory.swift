// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import Litmus

/// A BO of the runner for a job's descriptors and results: mapped WC, so that it needs no sync.
final class JobMemory {
  let buffer: LiveBuffer
  /// Its GPU address.
  let address: UInt64

  /// Allocates, binds and maps `size` bytes; nil where the node cannot.
  init?(on node: OpenNode, size: Int) throws(DRMError) {
    let options: BufferOptions = node.driver.creationFlags.contains(.noExecute) ? .noExecute : []
    guard
      let buffer = try node.create(
        size: UInt64(size), .writeCombining, options, isExclusive: false)
    else { return nil }
    try node.bind(buffer)
    guard try buffer.map(throughDMABuf: false) else { return nil }
    self.buffer = buffer
    address = buffer.gpuAddress
  }

  func store(_ words: [UInt64], at offset: Int) throws(DRMError) {
    try buffer.store(UInt64(offset)..<UInt64(offset + words.count * 8)) { at in
      let position = Int(at) - offset
      return UInt8(truncatingIfNeeded: words[position / 8] >> (position % 8 * 8))
    }
  }

  func load(_ range: Range<Int>) throws(DRMError) -> [UInt8] {
    try buffer.load(UInt64(range.lowerBound)..<UInt64(range.upperBound))
  }

  func word(at offset: Int) throws(DRMError) -> UInt64 {
    try load(offset..<offset + 8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
