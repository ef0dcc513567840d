// SPDX-License-Identifier: MIT

/// Bytes that are filled in by offset, little-endian.
public struct ByteImage: Hashable, Sendable {
  public private(set) var bytes: [UInt8]

  init(size: Int) {
    bytes = [UInt8](repeating: 0, count: size)
  }

  /// Stores a number at an offset.
  mutating func store(_ value: some FixedWidthInteger, at offset: Int) {
    for index in 0..<(value.bitWidth / 8) {
      bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (index * 8))
    }
  }

  /// Stores consecutive 32-bit words.
  mutating func store(words: [UInt32], at offset: Int) {
    for (index, word) in words.enumerated() { store(word, at: offset + 4 * index) }
  }

  /// Copies another image in.
  mutating func store(_ other: ByteImage, at offset: Int) {
    bytes.replaceSubrange(offset..<(offset + other.bytes.count), with: other.bytes)
  }
}
