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
  private let pool: JobMemoryPool
  private var submitted = NumberedItems<Submitted>()

  init(_ node: OpenNode, _ slots: DescriptorSlots) {
    self.node = node
    self.slots = slots
    fences = JobFences(on: node)
    pool = JobMemoryPool(on: node)
  }

  let lackOfZeroes: String? = DescriptorSlots.lackOfZeroes

  func lack(of job: ScriptJob, in script: Script) -> String? {
    // Chains run through descriptors in the script's BOs, which can be stale under a wrong claim.
    guard !node.isClaimedCoherent else {
      return "jobs on a device that claims to be coherent can be modelled only"
    }
    for access in job.accesses where access.isRead {
      if let lack = slots.lack(of: access, in: script) { return lack }
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
      // Clears the marks of earlier runs of the same descriptors.
      for slot in read.slots {
        guard let target = slots.target(of: slot) else { continue }
        chains.write([UInt8](repeating: 0, count: 8), at: target)
      }
      for slot in read.slots { chains.run(access.buffer.gpuAddress + slot.offset) }
      reads.append(read)
    }
    guard let memory = try pool.take(size: chains.size) else { return }
    try memory.store(chains.words(in: memory.address).littleEndianBytes)
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
    fences.add(syncobj, of: job.number, submissions: starts.count)
    submitted[job.number] = Submitted(memory: memory, descriptors: chains.count, reads: reads)
  }

  func wait(for job: Int) throws(DRMError) -> JobOutcome {
    guard let done = submitted[job] else { return JobOutcome() }
    try fences.wait(for: job)
    var outcome = JobOutcome()
    let descriptors = try done.memory.load(0..<done.descriptors * JobDescriptor.size)
    for start in stride(from: 0, to: descriptors.count, by: JobDescriptor.size) {
      let status = (0..<4).reduce(0 as UInt32) {
        $0 | UInt32(descriptors[start + JobDescriptor.statusOffset + $1]) << ($1 * 8)
      }
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
    pool.put(done.memory)
    submitted[job] = nil
    return outcome
  }

  private func hexadecimal(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
}
