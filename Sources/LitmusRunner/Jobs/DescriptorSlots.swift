// SPDX-License-Identifier: MIT

internal import DRM
internal import Litmus

/// The cache lines that a panfrost device reads by running the descriptors in them, and their marks.
///
/// Each write of the script stores another descriptor in such a line. When it runs, it writes a mark into a BO of
/// the runner, which identifies the write.
final class DescriptorSlots {
  private let memory: JobMemory?
  private var indexes: [WriteBytes.Slot: Int] = [:]
  // The ranges that the script writes, for each memory.
  private var written: [Int: [Range<UInt64>]] = [:]

  private static let mostSlots = 1 << 14
  private static let wordSize = 8

  static let lackOfZeroes = "panfrost reads job descriptors, and zeroes are not a descriptor"

  /// Allocates a mark for every line that jobs of a node read.
  ///
  /// It is the first BO of an open file, so that it has the same GPU address in each of them.
  init(_ script: Script, on node: OpenNode, number: Int) throws(DRMError) {
    for write in script.allWrites {
      written[script.memory(of: write.buffer), default: []].append(write.range)
    }
    for job in script.jobs where job.node == number {
      for access in job.accesses {
        guard case .read = access.kind else { continue }
        for slot in Self.slots(of: access.range, in: script.memory(of: access.buffer))
        where indexes[slot] == nil {
          guard indexes.count < Self.mostSlots else { break }
          indexes[slot] = indexes.count
        }
      }
    }
    memory =
      indexes.isEmpty ? nil : try JobMemory(on: node, size: indexes.count * Self.wordSize)
  }

  /// Returns the lines of a range that consists of whole lines; an empty list for other ranges.
  static func slots(of range: Range<UInt64>, in memory: Int) -> [WriteBytes.Slot] {
    guard (range.lowerBound | range.upperBound) % WriteBytes.slotSize == 0 else { return [] }
    return stride(from: range.lowerBound, to: range.upperBound, by: Int(WriteBytes.slotSize)).map {
      WriteBytes.Slot(memory: memory, offset: $0)
    }
  }

  var handles: [GEMHandle] { [memory?.buffer.openHandle].compactMap { $0 } }

  /// Makes the script's writes store descriptors in the lines.
  func place(in bytes: inout WriteBytes) {
    for slot in indexes.keys {
      if let target = target(of: slot) { bytes.place(slot, markingAt: target) }
    }
  }

  /// Returns the GPU address to which the descriptor in a line writes its mark.
  func target(of slot: WriteBytes.Slot) -> UInt64? {
    guard let memory, let index = indexes[slot] else { return nil }
    return memory.address + UInt64(index * Self.wordSize)
  }

  /// Returns the reason why the device cannot read a range; nil where it can.
  func lack(of read: ScriptAccess, in script: Script) -> String? {
    let memory = script.memory(of: read.buffer)
    let slots = Self.slots(of: read.range, in: memory)
    guard !slots.isEmpty else { return "panfrost reads only whole job descriptors of 64 bytes" }
    guard slots.allSatisfy({ indexes[$0] != nil }) else {
      return "jobs of this script read more than \(Self.mostSlots) cache lines"
    }
    if case .read(sees: ScriptAccess.zeroes?) = read.kind {
      return Self.lackOfZeroes
    }
    for range in written[memory] ?? [] where range.overlaps(read.range) {
      let part = range.clamped(to: read.range)
      if (part.lowerBound | part.upperBound) % WriteBytes.slotSize != 0 {
        return "panfrost reads whole job descriptors, and this one is only partly written"
      }
    }
    return nil
  }

  /// Returns the bytes that a job read from a line: those of the write whose descriptor ran, or 0xff.
  func bytes(
    markedIn slot: WriteBytes.Slot, _ candidates: [Int]
  ) throws(DRMError) -> [UInt8] {
    let unknown = [UInt8](repeating: 0xff, count: Int(WriteBytes.slotSize))
    guard let memory, let index = indexes[slot], let target = target(of: slot) else {
      return unknown
    }
    let mark = try memory.word(at: index * Self.wordSize)
    guard let number = candidates.first(where: { WriteBytes.mark(of: $0, in: slot) == mark }) else {
      return unknown
    }
    return JobDescriptor(.write(.immediate64(WriteBytes.mark(of: number, in: slot)), at: target))
      .bytes
  }
}
