// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The jobs of all devices.
final class JobTable {
  let timing: JobTiming
  private var pending: [Int: MockJob] = [:]
  private var count = 0
  private var reads: [ModelledRead] = []
  // While one job waits for what others write.
  private var isRunningOthers = false

  init(_ timing: JobTiming) {
    self.timing = timing
  }

  /// Queues a job behind those of its queue, those whose fences it is given and those whose fences its driver
  /// finds on its BOs, and answers its fence.
  func submit(
    _ program: any DeviceProgram, to device: MockDevice, on queue: JobQueue, after: [MockFence] = []
  ) -> MockFence {
    var waitsFor = after.filter { !$0.isSignaled }
    let memories = device.driver.hasImplicitFences ? program.buffers.map(\.memory) : []
    waitsFor += memories.flatMap { $0.reservation.fences(isWriter: true) }
    for job in pending.values {
      let isFenced =
        job.device.driver.hasImplicitFences && memories.contains { job.touches($0) }
      if job.queue == queue || isFenced { waitsFor.append(job.fence) }
    }
    let job = MockJob(
      number: count, device: device, queue: queue, program: program, waitsFor: waitsFor)
    count += 1
    pending[job.number] = job
    if timing == .early { runFreeJobs() }
    return job.fence
  }

  /// Queues what the model's side door asks for, and answers its number; ENOENT where a job it names was never
  /// there.
  func submit(
    _ accesses: [ModelledAccesses.Access], to device: MockDevice, queue: Int, after: [Int]
  ) throws(Errno) -> Int {
    guard after.allSatisfy({ 0..<count ~= $0 }) else { throw .ENOENT }
    let number = count
    let program = ModelledAccesses(accesses, isCoherent: device.snoops) {
      [unowned self] access, bytes in
      reads.append(ModelledRead(job: number, access: access, bytes: bytes))
    }
    _ = submit(
      program, to: device, on: .modelled(device: device.index, queue),
      after: after.compactMap { pending[$0]?.fence })
    return number
  }

  /// Runs a job's next access: ENOENT where there is none, EBUSY where another job must end before.
  func runAccess(of number: Int) throws(Errno) {
    guard let job = pending[number] else { throw .ENOENT }
    guard job.waitsFor.allSatisfy(\.isSignaled) else { throw .EBUSY }
    _ = step(job)
  }

  /// Runs a job to its end, with all that it waits for; what is stuck ends as its driver ends it.
  func finish(_ number: Int) {
    var time = Int64.max
    _ = finish(number, within: &time)
  }

  /// Waits for fences for some time, in nanoseconds; answers false where a job that is stuck would last longer.
  func wait(for fences: [MockFence], within time: Int64) -> Bool {
    var time = time
    return fences.allSatisfy { fence in
      guard let job = fence.job, !fence.isSignaled else { return true }
      return time > 0 && finish(job, within: &time)
    }
  }

  /// Ends jobs that have not ended, without running them.
  func cancel(_ error: Errno, where isMeant: (MockJob) -> Bool) {
    for job in pending.values where isMeant(job) { end(job, error) }
    if timing == .early { runFreeJobs() }
  }

  /// Ends jobs by number, each with an error of its own, without running them.
  func end(_ errors: [Int: Errno]) {
    for job in jobs(where: { errors[$0.number] != nil }) { end(job, errors[job.number]) }
    endAbandoned()
    if timing == .early { runFreeJobs() }
  }

  /// The fences that somebody must wait for who uses a memory: those of jobs, which count as writers, and
  /// those that were imported.
  func fences(on memory: MockMemory, isWriter: Bool = true) -> [MockFence] {
    pending.values.filter { $0.device.driver.hasImplicitFences && $0.touches(memory) }
      .sorted { $0.number < $1.number }.map(\.fence)
      + memory.reservation.fences(isWriter: isWriter)
  }

  /// Waits for the fences on a memory.
  func finishFenced(on memory: MockMemory, isWriter: Bool) {
    _ = wait(for: fences(on: memory, isWriter: isWriter), within: .max)
  }

  /// The jobs of some queues that have not ended, in the order in which they run.
  func jobs(where isMeant: (MockJob) -> Bool) -> [MockJob] {
    pending.values.filter(isMeant).sorted { $0.number < $1.number }
  }

  /// How many jobs have not ended.
  var pendingCount: Int { pending.count }

  /// Forgets every job, and with them what they keep.
  func removeAll() { pending.removeAll() }

  /// Answers what was read since the last call.
  func takeReads() -> [ModelledRead] {
    defer { reads.removeAll() }
    return reads
  }

  private func finish(_ number: Int, within time: inout Int64) -> Bool {
    var needed: Set<Int> = []
    var open = [number]
    while let next = open.popLast() {
      guard let job = pending[next], needed.insert(next).inserted else { continue }
      open += job.waitsFor.compactMap(\.job)
    }
    // Whoever waits was submitted later.
    for number in needed.sorted() {
      while let job = pending[number] {
        guard step(job) else { continue }
        guard job.patience <= time else {
          job.patience -= time
          return false
        }
        time -= job.patience
        giveUp(job)
      }
    }
    return true
  }

  /// Runs what waits for nothing, as far as it comes.
  private func runFreeJobs() {
    for job in pending.values.sorted(by: { $0.number < $1.number })
    where job.waitsFor.allSatisfy(\.isSignaled) {
      while pending[job.number] != nil, !step(job) {}
    }
  }

  /// Runs the next access, and answers whether the job is stuck.
  private func step(_ job: MockJob) -> Bool {
    switch job.program.step() {
    case .running: break
    case .ended: end(job, nil)
    case .failed(let error): end(job, error)
    case .stuck: return true
    case .waiting: return !runOthers(than: job)
    }
    return false
  }

  /// Runs what else waits for nothing, and answers whether any of it went on.
  private func runOthers(than job: MockJob) -> Bool {
    guard !isRunningOthers else { return false }
    isRunningOthers = true
    defer { isRunningOthers = false }
    var isChanged = false
    for other in pending.values.sorted(by: { $0.number < $1.number })
    where other !== job && other.waitsFor.allSatisfy(\.isSignaled) {
      while pending[other.number] != nil, !step(other) { isChanged = true }
    }
    return isChanged
  }

  /// Ends a job that is stuck, and those that were on the device behind it.
  private func giveUp(_ job: MockJob) {
    let error = job.program.patience.error
    end(job, error)
    for next in jobs(where: { $0.queue == job.queue }).prefix(job.program.followersLost)
    where next.waitsFor.allSatisfy(\.isSignaled) {
      end(next, error)
    }
  }

  /// With its end a job lets go of what it keeps.
  private func end(_ job: MockJob, _ error: Errno?) {
    pending[job.number] = nil
    job.fence.signal(error)
    job.program.ended(error)
    endAbandoned()
  }

  /// Ends what was given up before it began, where nothing holds it back any more.
  func endAbandoned() {
    let ready = jobs { $0.program.endsByItself && $0.waitsFor.allSatisfy(\.isSignaled) }
    for job in ready where pending[job.number] != nil { _ = step(job) }
  }
}
