// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMKernel
internal import Litmus

/// Submits jobs to panfrost as job chains: WRITE_VALUE jobs write, and runs of descriptors in BOs read.
///
/// A job reads a cache line by running the descriptor that is stored in it.
final class JobChainEngine: JobEngine {
  private struct Submitted {
    /// The chains' own descriptors, whose status words tell success from faults.
    let memory: JobMemory
    let descriptors: Int
    let reads: [Read]
  }

  /// A read of cache lines that hold descriptors.
  private struct Read {
    let access: Int
    let slots: [WriteBytes.Slot]
    let candidates: [Int]
  }

  let fences: JobFences
  private unowned let node: OpenNode
  private let slots: DescriptorSlots
  private var submitted = NumberedItems<Submitted>()

  private static let mostDescriptors = 4096

  init(_ node: OpenNode, _ slots: DescriptorSlots) {
    self.node = node
    self.slots = slots
    fences = JobFences(on: node)
  }

  let lackOfZeroes: String? = DescriptorSlots.lackOfZeroes

  func lack(of job: ScriptJob, in script: Script) -> String? {
    for access in job.accesses {
      switch access.kind {
      case .write:
        if access.range.count / 8 > Self.mostDescriptors {
          return "a job that writes more than \(Self.mostDescriptors * 8 >> 10) KiB at once"
        }
      case .read: if let lack = slots.lack(of: access, in: script) { return lack }
      }
    }
    return nil
  }

  func submit(_ job: PlannedJob) throws(DRMError) {
    var chains = ChainLayout()
    var reads: [Read] = []
    for (index, access) in job.accesses.enumerated() {
      if let bytes = access.bytes {
        chains.write(bytes, at: access.buffer.gpuAddress + access.range.lowerBound)
        continue
      }
      let read = Read(
        access: index, slots: DescriptorSlots.slots(of: access.range, in: access.memory),
        candidates: access.candidates)
      for slot in read.slots {
        guard let target = slots.target(of: slot) else { continue }
        // Clears the mark of an earlier run of the same descriptor.
        chains.write([UInt8](repeating: 0, count: 8), at: target)
        chains.run(access.buffer.gpuAddress + slot.offset)
      }
      reads.append(read)
    }
    guard let memory = try JobMemory(on: node, size: chains.size) else { return }
    for (index, descriptor) in chains.descriptors(in: memory.address).enumerated() {
      try memory.store(descriptor.words, at: index * JobDescriptor.size)
    }
    guard let syncobj = try fences.createSyncobj() else { return }
    let used =
      job.accesses.compactMap(\.buffer.openHandle) + slots.handles
      + [memory.buffer].compactMap(\.openHandle)
    var waits = fences.waits(of: job)
    let starts = chains.starts(in: memory.address)
    for (index, start) in starts.enumerated() {
      // The chains run one after another, because all of them use the same BOs.
      try node.node?.submit(
        chain: start, using: used, after: waits.map(\.handle),
        signaling: index == starts.count - 1 ? syncobj.handle : nil)
      waits = []
    }
    fences.add(syncobj, of: job.number)
    submitted[job.number] = Submitted(memory: memory, descriptors: chains.count, reads: reads)
  }

  func wait(for job: Int) throws(DRMError) -> JobOutcome {
    guard let done = submitted[job] else { return JobOutcome() }
    try fences.wait(for: job)
    var outcome = JobOutcome()
    for index in 0..<done.descriptors {
      let status = UInt32(
        truncatingIfNeeded: try done.memory.word(
          at: index * JobDescriptor.size + JobDescriptor.statusOffset))
      if status != JobDescriptor.done {
        outcome.fault = "its status is \(hexadecimal(status))"
        return outcome
      }
    }
    for read in done.reads {
      var bytes: [UInt8] = []
      for slot in read.slots { bytes += try slots.bytes(markedIn: slot, read.candidates) }
      outcome.reads.append((read.access, bytes))
    }
    return outcome
  }

  private func hexadecimal(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
}
