// SPDX-License-Identifier: MIT

/// A dma-buf: one file, however many descriptors name it, so its mode is the first export's.
final class MockDMABuf {
  let buffer: MockBuffer
  let isWritable: Bool

  init(exporting buffer: MockBuffer, isWritable: Bool) {
    self.buffer = buffer
    self.isWritable = isWritable
  }

  var size: UInt64 { buffer.size }
}
