// SPDX-License-Identifier: MIT

internal import DRM

/// The command streams of a job, which copy words between BOs and the job's own data.
///
/// A BO of the runner holds the streams, and after them the data: what writes store, and room for what reads find.
struct StreamLayout {
  private enum Place {
    /// A GPU address.
    case address(UInt64)
    /// An offset in the data.
    case data(Int)
  }

  private enum Work {
    case copy(words: Int, from: Place, to: Place)
    /// SYNC_WAIT64 until the number at an address is at least this one.
    case wait(UInt64, at: UInt64)
    /// SYNC_SET64.
    case set(UInt64, at: UInt64)
  }

  private static let source = CommandStream.Register(0)
  private static let target = CommandStream.Register(2)
  private static let flushID = CommandStream.Register(4)
  // The first of sixteen consecutive registers.
  private static let firstData = CommandStream.Register(8)
  private static let alignment = 64
  // A stream moves at most 64 KiB, so that it ends far below the driver's time limit.
  private static let mostWork = 1024
  // The flush at the end of each stream.
  private static let lastInstructions = 3

  // The work of each stream.
  private var parts: [[Work]] = []
  private var data: [UInt8] = []
  // For each read, the offset of its bytes in the data, and their count.
  private var found: [(access: Int, at: Int, count: Int)] = []

  /// Adds an access, after those before it.
  mutating func add(_ access: PlannedJob.Access, _ index: Int) {
    let start = access.buffer.gpuAddress + access.range.lowerBound
    if let value = access.awaited { return add(.wait(value, at: start)) }
    if let number = access.number { return add(.set(number, at: start)) }
    if let bytes = access.bytes {
      let place = data.count
      copy(words: bytes.count / 4) { (.data(place + $0), .address(start + UInt64($0))) }
      data += bytes
      return
    }
    // Loads the whole words around the range.
    let first = start & ~3
    let count = Int((start + UInt64(access.range.count) + 3 - first) / 4)
    let place = data.count
    found.append((index, place + Int(start - first), access.range.count))
    copy(words: count) { (.address(first + UInt64($0)), .data(place + $0)) }
    data += [UInt8](repeating: 0, count: count * 4)
  }

  /// Adds copies of consecutive words; `places` returns the places for an offset in bytes.
  private mutating func copy(
    words: Int, _ places: (Int) -> (from: Place, to: Place)
  ) {
    for word in stride(from: 0, to: words, by: CommandStream.mostMoved) {
      let (from, to) = places(word * 4)
      add(.copy(words: min(CommandStream.mostMoved, words - word), from: from, to: to))
    }
  }

  private mutating func add(_ work: Work) {
    if (parts.last?.count ?? Self.mostWork) == Self.mostWork { parts.append([]) }
    parts[parts.count - 1].append(work)
  }

  /// The size of the streams and the data, in bytes.
  var size: Int { dataOffset + data.count }

  /// For each read, the offset of its bytes in the BO, and their count.
  var reads: [(access: Int, at: Int, count: Int)] {
    found.map { ($0.access, dataOffset + $0.at, $0.count) }
  }

  /// The ranges of the streams in the BO, in the order in which they run.
  var streams: [Range<Int>] {
    var next = 0
    return parts.map { part in
      let instructions = part.reduce(Self.lastInstructions) { count, work in
        switch work {
        case .copy: count + 6
        case .wait, .set: count + 4
        }
      }
      let start = next
      let end = start + instructions * CommandStream.instructionSize
      next = (end + Self.alignment - 1) / Self.alignment * Self.alignment
      return start..<end
    }
  }

  /// Returns the contents of the BO, for its GPU address.
  func contents(at base: UInt64) -> [UInt8] {
    var contents: [UInt8] = []
    contents.reserveCapacity(size)
    for (part, range) in zip(parts, streams) {
      contents += [UInt8](repeating: 0, count: range.lowerBound - contents.count)
      contents += stream(of: part, in: base).words.littleEndianBytes
    }
    contents += [UInt8](repeating: 0, count: dataOffset - contents.count)
    return contents + data
  }

  private func stream(of part: [Work], in base: UInt64) -> CommandStream {
    let dataAddress = base + UInt64(dataOffset)
    func address(_ place: Place) -> UInt64 {
      switch place {
      case .address(let address): address
      case .data(let offset): dataAddress + UInt64(offset)
      }
    }
    var stream = CommandStream()
    for work in part {
      switch work {
      case .copy(let words, let from, let to):
        stream.move(address(from), to: Self.source)
        stream.load(words, to: Self.firstData, from: Self.source)
        stream.wait()
        stream.move(address(to), to: Self.target)
        stream.store(words, of: Self.firstData, to: Self.target)
        stream.wait()
      case .wait(let value, let address):
        stream.move(address, to: Self.source)
        stream.waitUntilAtLeast(value, in: Self.target, at: Self.source)
      case .set(let value, let address):
        stream.move(address, to: Self.source)
        stream.set(value, in: Self.target, at: Self.source)
      }
    }
    // Writes back the GPU's own caches.
    stream.flushCaches(l2: .clean, loadStore: .clean, flushID: Self.flushID)
    stream.wait()
    return stream
  }

  private var dataOffset: Int {
    let end = streams.last?.upperBound ?? 0
    return (end + Self.alignment - 1) / Self.alignment * Self.alignment
  }
}

extension [UInt64] {
  /// The bytes of all words, each lowest byte first.
  var littleEndianBytes: [UInt8] {
    let words = map(\.littleEndian)
    return unsafe words.withUnsafeBytes { unsafe Array<UInt8>($0) }
  }
}
