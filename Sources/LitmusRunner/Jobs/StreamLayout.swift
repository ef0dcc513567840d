// SPDX-License-Identifier: MIT

internal import DRM

/// What a job's command stream does, and where in its BO the bytes end up that it reads.
struct StreamLayout {
  // Words that are moved at once, from an address to an address, or from the stream itself.
  private enum Move {
    case store([UInt32], at: UInt64)
    /// Reads words, and stores them at an offset of the results.
    case load(Int, from: UInt64, result: Int)
  }

  private static let address = CommandStream.Register(0)
  private static let result = CommandStream.Register(2)
  private static let flushID = CommandStream.Register(4)
  // Sixteen registers in a row.
  private static let firstData = 8
  private static let alignment = 64

  private var moves: [Move] = []
  private var resultSize = 0
  /// By the access, where in the BO the bytes are found that it read.
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
    // Whole words around what is to be read.
    let begin = start & ~3
    let count = Int((start + UInt64(access.range.count) + 3 - begin) / 4)
    found.append((index, resultSize + Int(start - begin), access.range.count))
    for first in stride(from: 0, to: count, by: CommandStream.mostMoved) {
      let words = min(CommandStream.mostMoved, count - first)
      moves.append(.load(words, from: begin + UInt64(first * 4), result: resultSize))
      resultSize += words * 4
    }
  }

  /// In bytes: the stream, and after it what it reads.
  var size: Int { resultsOffset + resultSize }

  /// Where what was read is found, in bytes from the BO's begin.
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
    // What lies in the GPU's own caches is nobody's to see.
    stream.flushCaches(l2: .clean, loadStore: .clean, flushID: Self.flushID)
    stream.wait()
    return stream
  }

  private var resultsOffset: Int {
    // Every instruction has one size wherever the BO is.
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
