// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The pending jobs of all devices, and when they run.
final class JobTable {
  let timing: JobTiming
  private var pending: [Int: MockJob] = [:]
  // The numbers of pending jobs, ascending: of each queue, and of programs that can be abandoned.
  private var queues: [JobQueue: [Int]] = [:]
  private var abandonable: [Int] = []
  private var count = 0
  private var reads: [ModelledRead] = []
  // True while other jobs run because one job polls memory that they write.
  private var isRunningOthers = false

  init(_ timing: JobTiming) {
    self.timing = timing
  }

  /// Queues a job and returns its fence.
  ///
  /// It waits for the jobs of its queue, for the fences in `after`, and for implicit fences on its BOs where its
  /// driver has those.
  func submit(
    _ program: any DeviceProgram, to device: MockDevice, on queue: JobQueue, after: [MockFence] = []
  ) -> MockFence {
    var waitsFor = after.filter { !$0.isSignaled }
    let memories = device.driver.hasImplicitFences ? program.buffers.map(\.memory) : []
    waitsFor += memories.flatMap { $0.reservation.fences(isWriter: true) }
    // The jobs of a queue end in order, so that the last one stands for those before it.
    for (other, numbers) in queues {
      let last = numbers.last { number in
        if other == queue { return true }
        return pending[number].map { isFenced($0, memories) } ?? false
      }
      if let last, let job = pending[last] { waitsFor.append(job.fence) }
    }
    let job = MockJob(
      number: count, device: device, queue: queue, program: program, waitsFor: waitsFor)
    count += 1
    pending[job.number] = job
    queues[queue, default: []].append(job.number)
    if program.canBeAbandoned { abandonable.append(job.number) }
    if timing == .early { runFreeJobs() }
    return job.fence
  }

  private func isFenced(_ job: MockJob, _ memories: [MockMemory]) -> Bool {
    job.device.driver.hasImplicitFences && memories.contains { job.touches($0) }
  }

  /// Queues a modelled job and returns its number; throws ENOENT where a job in `after` never existed.
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

  /// Runs a job's next access; throws ENOENT for a job that ended, EBUSY for one that still waits.
  func runAccess(of number: Int) throws(Errno) {
    guard let job = pending[number] else { throw .ENOENT }
    guard job.waitsFor.allSatisfy(\.isSignaled) else { throw .EBUSY }
    _ = step(job)
  }

  /// Runs a job and those it waits for to their end; a job without progress times out.
  func finish(_ number: Int) {
    var time = Int64.max
    _ = finish(number, within: &time)
  }

  /// Waits for fences up to a time in nanoseconds; returns false where a stuck job's timeout is longer.
  func wait(for fences: [MockFence], within time: Int64) -> Bool {
    var time = time
    return fences.allSatisfy { fence in
      guard let job = fence.job, !fence.isSignaled else { return true }
      return time > 0 && finish(job, within: &time)
    }
  }

  /// Ends pending jobs with an error, without running them.
  func cancel(_ error: Errno, where matches: (MockJob) -> Bool) {
    for job in pending.values where matches(job) { end(job, error) }
    if timing == .early { runFreeJobs() }
  }

  /// Ends pending jobs by number, each with its own error, without running them.
  func end(_ errors: [Int: Errno]) {
    for job in jobs(where: { errors[$0.number] != nil }) { end(job, errors[job.number]) }
    endAbandonedJobs()
    if timing == .early { runFreeJobs() }
  }

  /// Returns the fences that an access to a memory waits for: those of jobs, and attached ones.
  ///
  /// Jobs count as writers.
  func fences(on memory: MockMemory, isWriter: Bool = true) -> [MockFence] {
    pending.values.filter { $0.device.driver.hasImplicitFences && $0.touches(memory) }
      .sorted { $0.number < $1.number }.map(\.fence)
      + memory.reservation.fences(isWriter: isWriter)
  }

  /// Waits for the fences on a memory.
  func finishFenced(on memory: MockMemory, isWriter: Bool) {
    _ = wait(for: fences(on: memory, isWriter: isWriter), within: .max)
  }

  /// Returns matching pending jobs, in the order of their submission.
  func jobs(where matches: (MockJob) -> Bool) -> [MockJob] {
    pending.values.filter(matches).sorted { $0.number < $1.number }
  }

  /// The number of pending jobs.
  var pendingCount: Int { pending.count }

  /// Removes all jobs and releases their objects.
  func removeAll() {
    pending.removeAll()
    queues.removeAll()
    abandonable.removeAll()
  }

  /// Returns the device reads since the last call.
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
    // A job waits only for jobs with lower numbers.
    for number in needed.sorted() {
      while let job = pending[number] {
        guard step(job) else { continue }
        guard job.timeLeft <= time else {
          job.timeLeft -= time
          return false
        }
        time -= job.timeLeft
        expire(job)
      }
    }
    return true
  }

  /// Runs the jobs whose fences are signaled, up to their end or until they make no progress.
  private func runFreeJobs() {
    for job in pending.values.sorted(by: { $0.number < $1.number })
    where job.waitsFor.allSatisfy(\.isSignaled) {
      while pending[job.number] != nil, !step(job) {}
    }
  }

  /// Runs the next access; returns whether the job makes no progress.
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

  /// Runs the other jobs whose fences are signaled; returns whether any made progress.
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

  /// Times a job out, together with the next jobs that were on the device already.
  private func expire(_ job: MockJob) {
    let error = job.program.timeout.error
    end(job, error)
    for next in jobs(where: { $0.queue == job.queue }).prefix(job.program.followersLost)
    where next.waitsFor.allSatisfy(\.isSignaled) {
      end(next, error)
    }
  }

  /// Ends a job, which releases its objects.
  private func end(_ job: MockJob, _ error: Errno?) {
    pending[job.number] = nil
    if let index = queues[job.queue]?.firstIndex(of: job.number) {
      queues[job.queue]?.remove(at: index)
    }
    if queues[job.queue]?.isEmpty == true { queues[job.queue] = nil }
    if let index = abandonable.firstIndex(of: job.number) { abandonable.remove(at: index) }
    job.fence.signal(error)
    job.program.ended(error)
    endAbandonedJobs()
  }

  /// Ends abandoned jobs whose fences are signaled.
  func endAbandonedJobs() {
    let ready = abandonable.compactMap { pending[$0] }.filter {
      $0.program.endsByItself && $0.waitsFor.allSatisfy(\.isSignaled)
    }
    for job in ready where pending[job.number] != nil { _ = step(job) }
  }
}

/// When jobs run that no event runs.
public enum JobTiming: String, CaseIterable, Hashable, Sendable {
  /// When a call waits for them.
  case late
  /// As soon as their fences are signaled, before their submission returns.
  case early
}
