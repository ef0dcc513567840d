// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The jobs of all devices; they run as late as they can, unless an event says otherwise.
final class JobTable {
  private var pending: [Int: MockJob] = [:]
  private var count = 0
  private var reads: [ModelledRead] = []

  /// Queues a job behind those of its queue, those it names and those whose fences its driver finds on what it
  /// uses; ENOENT where one it names was never there.
  func submit(
    to device: MockDevice, queue: Int, _ accesses: [MockJob.Access], after: [Int]
  ) throws(Errno) -> Int {
    guard after.allSatisfy({ 0..<count ~= $0 }) else { throw .ENOENT }
    var waitsFor = after.filter { pending[$0] != nil }
    for (number, job) in pending {
      let isBefore = job.device === device && job.queue == queue
      let isFenced =
        device.driver.hasImplicitFences && job.device.driver.hasImplicitFences
        && accesses.contains { job.touches($0.buffer.memory) }
      if isBefore || isFenced { waitsFor.append(number) }
    }
    let number = count
    count += 1
    pending[number] = MockJob(
      number: number, device: device, queue: queue, accesses: accesses, waitsFor: waitsFor)
    return number
  }

  /// Runs a job's next access: ENOENT where there is none, EBUSY where another job must end before.
  func runAccess(of number: Int) throws(Errno) {
    guard let job = pending[number] else { throw .ENOENT }
    guard job.waitsFor.allSatisfy({ pending[$0] == nil }) else { throw .EBUSY }
    step(job)
  }

  /// Runs a job to its end, with all that it waits for.
  func finish(_ number: Int) {
    var needed: Set<Int> = []
    var open = [number]
    while let next = open.popLast() {
      guard let job = pending[next], needed.insert(next).inserted else { continue }
      open += job.waitsFor
    }
    // Whoever waits was submitted later.
    for number in needed.sorted() {
      while let job = pending[number] { step(job) }
    }
  }

  /// Whether somebody who waits for the fences on a memory has to wait.
  func hasFenced(on memory: MockMemory) -> Bool { !fenced(on: memory).isEmpty }

  /// Waits for the fences on a memory.
  func finishFenced(on memory: MockMemory) {
    for number in fenced(on: memory) { finish(number) }
  }

  /// Forgets every job, and with them what they keep.
  func removeAll() { pending.removeAll() }

  /// Answers what was read since the last call.
  func takeReads() -> [ModelledRead] {
    defer { reads.removeAll() }
    return reads
  }

  private func fenced(on memory: MockMemory) -> [Int] {
    pending.values.filter { $0.device.driver.hasImplicitFences && $0.touches(memory) }
      .map(\.number).sorted()
  }

  /// Runs the next access; with the last one a job lets go of what it keeps.
  private func step(_ job: MockJob) {
    if job.next < job.accesses.count {
      run(job.accesses[job.next], of: job)
      job.next += 1
    }
    if job.next == job.accesses.count { pending[job.number] = nil }
  }

  private func run(_ access: MockJob.Access, of job: MockJob) {
    let (memory, isCoherent) = (access.buffer.memory, job.device.profile.isCoherent)
    if let bytes = access.bytes {
      memory.deviceWrites(bytes, at: access.range.lowerBound, isCoherent: isCoherent)
    } else {
      let bytes = memory.deviceReads(access.range, isCoherent: isCoherent)
      reads.append(ModelledRead(job: job.number, access: job.next, bytes: bytes))
    }
  }
}
