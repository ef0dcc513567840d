// SPDX-License-Identifier: MIT

/// The memory that a command stream accesses, by addresses of its group's VM.
struct StreamMemory {
  let vm: PanthorVM
  let isCoherent: Bool

  /// Reads a number from memory, or throws a fault.
  func read(
    _ address: UInt64, _ width: StreamInstruction.Width
  ) throws(StreamExecution.Fault) -> UInt64 {
    let place = try find(address, width)
    // A sparse mapping reads as zero.
    guard let memory = place.buffer?.memory else { return 0 }
    let range = place.offset..<place.offset + width.rawValue
    let bytes = memory.deviceReads(range, isCoherent: isCoherent)
    var value: UInt64 = 0
    for index in bytes.indices { value |= UInt64(bytes[index]) << (index * 8) }
    return value
  }

  /// Reads consecutive words from memory, or throws a fault.
  func readWords(_ address: UInt64, _ count: Int) throws(StreamExecution.Fault) -> [UInt32] {
    var words: [UInt32] = []
    while words.count < count {
      let next = address &+ UInt64(4 * words.count)
      let place = try find(next, .word)
      let size = 4 * Self.wordsInPage(next, count - words.count)
      // A sparse mapping reads as zero.
      let bytes =
        place.buffer?.memory.deviceReads(
          place.offset..<place.offset + size, isCoherent: isCoherent)
        ?? [UInt8](repeating: 0, count: size)
      for first in stride(from: 0, to: size, by: 4) {
        var word: UInt32 = 0
        for index in 0..<4 { word |= UInt32(bytes[first + index]) << (index * 8) }
        words.append(word)
      }
    }
    return words
  }

  /// Writes consecutive words to memory, or throws a fault; the words before it are written.
  func writeWords(_ words: [UInt32], _ address: UInt64) throws(StreamExecution.Fault) {
    var written = 0
    while written < words.count {
      let next = address &+ UInt64(4 * written)
      let place = try find(next, .word)
      guard !place.isReadOnly else { throw StreamExecution.Fault() }
      let count = Self.wordsInPage(next, words.count - written)
      var bytes = [UInt8](repeating: 0, count: 4 * count)
      for index in bytes.indices {
        bytes[index] = UInt8(truncatingIfNeeded: words[written + index / 4] >> (index % 4 * 8))
      }
      place.buffer?.memory.deviceWrites(bytes, at: place.offset, isCoherent: isCoherent)
      written += count
    }
  }

  /// Writes a number to memory, or throws a fault.
  func write(
    _ value: UInt64, _ address: UInt64, _ width: StreamInstruction.Width
  ) throws(StreamExecution.Fault) {
    let place = try find(address, width)
    guard !place.isReadOnly else { throw StreamExecution.Fault() }
    let bytes = (0..<width.rawValue).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    place.buffer?.memory.deviceWrites(bytes, at: place.offset, isCoherent: isCoherent)
  }

  /// Returns the number of words, at most `most`, from an address to the end of its page, where a mapping can end.
  private static func wordsInPage(_ address: UInt64, _ most: Int) -> Int {
    let pageSize: UInt64 = 4096
    return min(most, Int(pageSize - address % pageSize) / 4)
  }

  private func find(
    _ address: UInt64, _ width: StreamInstruction.Width
  ) throws(StreamExecution.Fault) -> PanthorVM.Place {
    guard address % UInt64(width.rawValue) == 0, let place = vm.place(at: address) else {
      throw StreamExecution.Fault()
    }
    return place
  }
}
