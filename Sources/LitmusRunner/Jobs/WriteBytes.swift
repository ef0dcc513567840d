// SPDX-License-Identifier: MIT

internal import DRM
internal import Litmus

/// The bytes that the writes of a script store.
///
/// Usually they are a pattern. A GPU with job slots reads only job descriptors unless it runs a shader. So in a
/// cache line that such a GPU reads, each write stores a descriptor, which writes a mark when it runs.
struct WriteBytes {
  /// A cache line that is read by running the descriptor in it.
  struct Slot: Hashable {
    let memory: Int
    /// Its offset in the memory, in bytes.
    let offset: UInt64
  }

  /// The size of a slot, which is one descriptor.
  static let slotSize = UInt64(JobDescriptor.size)
  // The size of the status word that the GPU writes at the start of a descriptor.
  private static let statusSize: UInt64 = 4

  // The GPU address to which each slot's descriptor writes its mark.
  private var targets: [Slot: UInt64] = [:]
  private var memories: Set<Int> = []
  // The start and the bytes of the numbers that jobs set.
  private var numbers: [Int: (start: UInt64, bytes: [UInt8])] = [:]

  init(_ script: Script) {
    for access in script.allWrites {
      guard case .write(let number) = access.kind, let value = script.writes[number].value else {
        continue
      }
      numbers[number] = (access.range.lowerBound, [value].littleEndianBytes)
    }
  }

  /// Makes every write store a descriptor in a slot, which writes its mark to a GPU address.
  mutating func place(_ slot: Slot, markingAt address: UInt64) {
    targets[slot] = address
    memories.insert(slot.memory)
  }

  /// Returns the mark of the descriptor that a write stores in a slot: never zero.
  static func mark(of number: Int, in slot: Slot) -> UInt64 {
    UInt64(number + 1) << 32 | (slot.offset / slotSize + 1) & 0xffff_ffff
  }

  /// Whether the GPU changes a byte when it runs the descriptor there.
  func isStatus(_ offset: UInt64, in memory: Int) -> Bool {
    guard memories.contains(memory), offset % Self.slotSize < Self.statusSize else { return false }
    return targets[Slot(memory: memory, offset: offset - offset % Self.slotSize)] != nil
  }

  /// Splits a range into parts of lines with a descriptor, and the parts between them.
  func parts(of range: Range<UInt64>, in memory: Int) -> [(range: Range<UInt64>, isLine: Bool)] {
    guard memories.contains(memory) else { return [(range, false)] }
    var parts: [(range: Range<UInt64>, isLine: Bool)] = []
    var next = range.lowerBound
    while next < range.upperBound {
      let line = next - next % Self.slotSize
      let end = min(line + Self.slotSize, range.upperBound)
      parts.append((next..<end, targets[Slot(memory: memory, offset: line)] != nil))
      next = end
    }
    return parts
  }

  /// Returns the bytes that a write stores in a range.
  func bytes(of number: Int, in range: Range<UInt64>, of memory: Int) -> [UInt8] {
    if let (start, bytes) = numbers[number] {
      return Array(bytes[Int(range.lowerBound - start)..<Int(range.upperBound - start)])
    }
    guard memories.contains(memory) else { return ScriptWrite.bytes(of: number, in: range) }
    var bytes: [UInt8] = []
    for (part, isLine) in parts(of: range, in: memory) {
      guard isLine else {
        bytes += ScriptWrite.bytes(of: number, in: part)
        continue
      }
      let place = Int(part.lowerBound % Self.slotSize)
      let slot = Slot(memory: memory, offset: part.lowerBound - UInt64(place))
      bytes += descriptor(of: number, in: slot)[place..<place + part.count]
    }
    return bytes
  }

  /// Returns the byte that a write stores at an offset without a descriptor.
  func byte(of number: Int, at offset: UInt64) -> UInt8 {
    guard let (start, bytes) = numbers[number] else {
      return ScriptWrite.byte(of: number, at: offset)
    }
    return bytes[Int(offset - start)]
  }

  private func descriptor(of number: Int, in slot: Slot) -> [UInt8] {
    JobDescriptor(.write(.immediate64(Self.mark(of: number, in: slot)), at: targets[slot] ?? 0))
      .words.littleEndianBytes
  }
}
