// SPDX-License-Identifier: MIT

internal import DRM

/// A job's command stream, and the place in its BO of the bytes that it reads.
struct StreamLayout {
  private enum Move {
    /// Stores words of the stream to an address.
    case store([UInt32], at: UInt64)
    /// Loads words from an address, and stores them at an offset of the results.
    case load(Int, from: UInt64, result: Int)
  }

  private static let address = CommandStream.Register(0)
  private static let result = CommandStream.Register(2)
  private static let flushID = CommandStream.Register(4)
  // The first of sixteen consecutive registers.
  private static let firstData = 8
  private static let alignment = 64

  private var moves: [Move] = []
  private var resultSize = 0
  // For each read, the offset of its bytes in the results, and their count.
  private var found: [(access: Int, result: Int, count: Int)] = []

  /// Adds an access, after those before it.
  mutating func add(_ access: PlannedJob.Access, _ index: Int) {
    let start = access.buffer.gpuAddress + access.range.lowerBound
    if let bytes = access.bytes {
      for first in stride(from: 0, to: bytes.count, by: CommandStream.mostMoved * 4) {
        let last = min(first + CommandStream.mostMoved * 4, bytes.count)
        let words = stride(from: first, to: last, by: 4).map { at in
          (0..<4).reduce(0 as UInt32) { $0 | UInt32(bytes[at + $1]) << ($1 * 8) }
        }
        moves.append(.store(words, at: start + UInt64(first)))
      }
      return
    }
    // Loads the whole words around the range.
    let first = start & ~3
    let count = Int((start + UInt64(access.range.count) + 3 - first) / 4)
    found.append((index, resultSize + Int(start - first), access.range.count))
    for word in stride(from: 0, to: count, by: CommandStream.mostMoved) {
      let words = min(CommandStream.mostMoved, count - word)
      moves.append(.load(words, from: first + UInt64(word * 4), result: resultSize))
      resultSize += words * 4
    }
  }

  /// The size of the stream and of the results after it, in bytes.
  var size: Int { resultsOffset + resultSize }

  /// For each read, the offset of its bytes in the BO, and their count.
  var reads: [(access: Int, at: Int, count: Int)] {
    found.map { ($0.access, resultsOffset + $0.result, $0.count) }
  }

  /// Assembles the stream, for a BO at a GPU address.
  func stream(in base: UInt64) -> CommandStream {
    var stream = CommandStream()
    let first = CommandStream.Register(Self.firstData)
    for move in moves {
      switch move {
      case .store(let words, let address):
        stream.move(address, to: Self.address)
        for (index, word) in words.enumerated() {
          stream.move(word, to: CommandStream.Register(Self.firstData + index))
        }
        stream.store(words.count, of: first, to: Self.address)
        stream.wait()
      case .load(let count, let address, let result):
        stream.move(address, to: Self.address)
        stream.load(count, to: first, from: Self.address)
        stream.wait()
        stream.move(base + UInt64(resultsOffset + result), to: Self.result)
        stream.store(count, of: first, to: Self.result)
        stream.wait()
      }
    }
    // Writes back the GPU's own caches.
    stream.flushCaches(l2: .clean, loadStore: .clean, flushID: Self.flushID)
    stream.wait()
    return stream
  }

  private var resultsOffset: Int {
    // All instructions have one size, so that the offset does not depend on the BO's address.
    let size = instructionCount * CommandStream.instructionSize
    return (size + Self.alignment - 1) / Self.alignment * Self.alignment
  }

  private var instructionCount: Int {
    moves.reduce(3) { count, move in
      switch move {
      case .store(let words, _): count + words.count + 3
      case .load: count + 6
      }
    }
  }
}
