// SPDX-License-Identifier: MIT

internal import DRM
internal import Litmus

/// The lines that a panfrost device reads by running what lies there, and the BO where they tell what they are.
final class DescriptorSlots {
  private let memory: JobMemory?
  private var indexes: [WriteBytes.Slot: Int] = [:]

  private static let mostSlots = 4096
  private static let wordSize = 8

  static let lackOfZeroes = "panfrost reads job descriptors, and zeroes are none"

  /// Makes room for every line that jobs of a node read.
  ///
  /// The first BO of an open file, so that it has the same address in all of them.
  init(_ script: Script, on node: OpenNode, number: Int) throws(DRMError) {
    for job in script.jobs where job.node == number {
      for access in job.accesses {
        guard case .read = access.kind else { continue }
        for slot in Self.slots(of: access.range, in: script.memory(of: access.buffer))
        where indexes[slot] == nil && indexes.count < Self.mostSlots {
          indexes[slot] = indexes.count
        }
      }
    }
    memory =
      indexes.isEmpty ? nil : try JobMemory(on: node, size: indexes.count * Self.wordSize)
  }

  /// The lines of a range that is whole lines; none of any other.
  static func slots(of range: Range<UInt64>, in memory: Int) -> [WriteBytes.Slot] {
    guard (range.lowerBound | range.upperBound) % WriteBytes.slotSize == 0 else { return [] }
    return stride(from: range.lowerBound, to: range.upperBound, by: Int(WriteBytes.slotSize)).map {
      WriteBytes.Slot(memory: memory, offset: $0)
    }
  }

  var handles: [GEMHandle] { [memory?.buffer.openHandle].compactMap { $0 } }

  /// Lets the script's writes leave descriptors in the lines.
  func place(in bytes: inout WriteBytes) {
    for slot in indexes.keys {
      if let target = target(of: slot) { bytes.place(slot, tellingAt: target) }
    }
  }

  /// The GPU address at which the descriptor in a line tells.
  func target(of slot: WriteBytes.Slot) -> UInt64? {
    guard let memory, let index = indexes[slot] else { return nil }
    return memory.address + UInt64(index * Self.wordSize)
  }

  /// Why the device cannot read a range; nil where it can.
  func lack(of read: ScriptAccess, in script: Script) -> String? {
    let memory = script.memory(of: read.buffer)
    let slots = Self.slots(of: read.range, in: memory)
    guard !slots.isEmpty else { return "panfrost reads whole job descriptors of 64 bytes only" }
    guard slots.allSatisfy({ indexes[$0] != nil }) else { return "a job that reads so many lines" }
    if case .read(sees: ScriptAccess.zeroes?) = read.kind {
      return Self.lackOfZeroes
    }
    for write in script.allWrites where script.memory(of: write.buffer) == memory {
      for slot in slots {
        let line = slot.offset..<slot.offset + WriteBytes.slotSize
        guard write.range.overlaps(line) else { continue }
        if write.range.clamped(to: line) != line {
          return "panfrost reads whole job descriptors, and this one is written in part"
        }
      }
    }
    return nil
  }

  /// What was found in a line: the bytes of the write whose descriptor ran, or others.
  func bytes(
    toldOf slot: WriteBytes.Slot, _ candidates: [Int]
  ) throws(DRMError) -> [UInt8] {
    let nobodys = [UInt8](repeating: 0xff, count: Int(WriteBytes.slotSize))
    guard let memory, let index = indexes[slot], let target = target(of: slot) else {
      return nobodys
    }
    let told = try memory.word(at: index * Self.wordSize)
    guard let number = candidates.first(where: { WriteBytes.mark(of: $0, in: slot) == told }) else {
      return nobodys
    }
    return JobDescriptor(.write(.immediate64(WriteBytes.mark(of: number, in: slot)), at: target))
      .bytes
  }
}
