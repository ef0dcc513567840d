// SPDX-License-Identifier: MIT

internal import DRM

/// A BO of the runner's own, which a job is described in and tells what it found: WC, so that it needs no sync.
final class JobMemory {
  let buffer: LiveBuffer
  /// Where the GPU sees it.
  let address: UInt64

  /// Creates it, for `size` bytes.
  init?(on node: OpenNode, size: Int) throws(DRMError) {
    let options: BufferOptions = node.driver == "panfrost" ? .noExecute : []
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
