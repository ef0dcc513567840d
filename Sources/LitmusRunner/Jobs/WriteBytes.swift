// SPDX-License-Identifier: MIT

internal import DRM
internal import Litmus

/// The bytes that the writes of a script leave.
///
/// Usually a pattern. A GPU with job slots reads nothing but job descriptors, unless it runs a shader: where such a
/// GPU is to read a cache line, each write leaves a descriptor there instead, which tells whose it is when it runs.
struct WriteBytes {
  /// A line that is read by running what lies there.
  struct Slot: Hashable {
    let memory: Int
    /// Where in the memory it begins, in bytes.
    let offset: UInt64
  }

  /// Where a descriptor lies in a slot, and how long the word is that the GPU writes there when it ends.
  static let slotSize = UInt64(JobDescriptor.size)
  private static let statusSize: UInt64 = 4

  // By memory and offset, where the line's descriptor writes to.
  private var targets: [Slot: UInt64] = [:]
  private var memories: Set<Int> = []

  /// Sees to it that every write leaves a descriptor in a slot that tells at a GPU address.
  mutating func place(_ slot: Slot, tellingAt address: UInt64) {
    targets[slot] = address
    memories.insert(slot.memory)
  }

  /// Where the descriptor in a slot tells; nil where none is placed.
  func target(of slot: Slot) -> UInt64? { targets[slot] }

  /// What the descriptor that a write leaves in a slot tells there: never zero.
  static func mark(of number: Int, in slot: Slot) -> UInt64 {
    UInt64(number + 1) << 32 | (slot.offset / slotSize + 1) & 0xffff_ffff
  }

  /// The byte that a write leaves.
  func byte(of number: Int, at offset: UInt64, in memory: Int) -> UInt8 {
    guard memories.contains(memory) else { return ScriptWrite.byte(of: number, at: offset) }
    let place = offset % Self.slotSize
    let slot = Slot(memory: memory, offset: offset - place)
    guard let target = targets[slot] else { return ScriptWrite.byte(of: number, at: offset) }
    let descriptor = JobDescriptor(
      .write(.immediate64(Self.mark(of: number, in: slot)), at: target))
    return descriptor.bytes[Int(place)]
  }

  /// Whether a byte is the GPU's to change when it runs what lies there.
  func isStatus(_ offset: UInt64, in memory: Int) -> Bool {
    guard memories.contains(memory), offset % Self.slotSize < Self.statusSize else { return false }
    return targets[Slot(memory: memory, offset: offset - offset % Self.slotSize)] != nil
  }

  /// Takes a range apart into lines with a descriptor, as far as it reaches into them, and what lies between.
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

  /// The bytes that a write leaves in a range.
  func bytes(of number: Int, in range: Range<UInt64>, of memory: Int) -> [UInt8] {
    range.map { byte(of: number, at: $0, in: memory) }
  }
}
