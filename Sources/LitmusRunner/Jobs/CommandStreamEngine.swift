// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMKernel
internal import Litmus

/// Submits jobs to panthor as command streams of loads and stores, in one group with all queues of the node.
final class CommandStreamEngine: JobEngine {
  private struct Submitted {
    let memory: JobMemory
    /// For each read, the offset of its bytes in `memory`, and their count.
    let reads: [(access: Int, at: Int, count: Int)]
  }

  let fences: JobFences
  private unowned let node: OpenNode
  // The numbers of the node's queues in the script.
  private let queues: [Int]
  private let mostQueues: Int
  private let pool: JobMemoryPool
  private var group: PanthorGroup?
  private var submitted = NumberedItems<Submitted>()

  private static let wordSize: UInt64 = 4

  init(_ node: OpenNode, queues: [Int], most: Int) {
    self.node = node
    self.queues = queues
    mostQueues = most
    fences = JobFences(on: node)
    pool = JobMemoryPool(on: node)
  }

  let lackOfZeroes: String? = nil

  func lack(of job: ScriptJob, in script: Script) -> String? {
    guard queues.count <= mostQueues else {
      return "the jobs have \(queues.count) queues, and a group has at most \(mostQueues)"
    }
    for access in job.accesses {
      guard case .write(let number) = access.kind, script.writes[number].value == nil else {
        continue
      }
      if (access.range.lowerBound | access.range.upperBound) % Self.wordSize != 0 {
        return "panthor stores whole words of 4 bytes"
      }
    }
    return nil
  }

  func submit(_ job: PlannedJob) throws(DRMError) {
    var layout = StreamLayout()
    for (index, access) in job.accesses.enumerated() { layout.add(access, index) }
    guard let memory = try pool.take(size: layout.size) else { return }
    try memory.store(layout.contents(at: memory.address))
    var waits = fences.waits(of: job).map { SyncPoint($0.handle) }
    guard let syncobj = try fences.createSyncobj() else { return }
    if group == nil { group = try node.createGroup(queues: queues.count) }
    let queue = queues.firstIndex(of: job.queue) ?? 0
    // The queue runs its streams one after another.
    let streams = layout.streams
    for (index, stream) in streams.enumerated() {
      try group?.submit(
        memory.address + UInt64(stream.lowerBound)..<memory.address + UInt64(stream.upperBound),
        to: queue, after: waits,
        signaling: index == streams.count - 1 ? [SyncPoint(syncobj.handle)] : [])
      waits = []
    }
    fences.add(syncobj, of: job.number, submissions: streams.count)
    submitted[job.number] = Submitted(memory: memory, reads: layout.reads)
  }

  func wait(for job: Int) throws(DRMError) -> JobOutcome {
    guard let done = submitted[job] else { return JobOutcome() }
    try fences.wait(for: job)
    var outcome = JobOutcome()
    if let state = try group?.state(), !state.state.isEmpty {
      outcome.fault =
        "its group \(state.state.contains(.timedOut) ? "timed out" : "had a fatal fault")"
      return outcome
    }
    outcome.reads = try done.reads.map { read throws(DRMError) in
      (read.access, try done.memory.load(read.at..<read.at + read.count))
    }
    pool.put(done.memory)
    submitted[job] = nil
    return outcome
  }
}
