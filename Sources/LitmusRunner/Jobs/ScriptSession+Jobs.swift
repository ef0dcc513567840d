// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMKernel
internal import Litmus

extension ScriptSession {
  /// A job's read, with the judgement of its bytes.
  struct JobRead {
    let access: ScriptAccess
    /// `j1 read a 128..<132`.
    let text: String
    let finding: ReadJudge.Finding
  }

  static let noJobs = "jobs are submitted to a real device only with --allow-jobs"

  /// Submits a job, to the driver or to the model.
  func submit(_ job: Int) throws(DRMError) -> StepResult {
    if let lack = lack(of: job) {
      order.submit(job, isRun: false)
      return .skipped(lack)
    }
    let pending = order.pendingJobs.reduce(script.jobs[job].byteCount) {
      order.isRun($1) ? $0 + script.jobs[$1].byteCount : $0
    }
    if pending > ScriptJob.mostPending {
      let reason = "pending jobs move more than \(ScriptJob.mostPending >> 20) MiB"
      omissions[job] = reason
      order.submit(job, isRun: false)
      return .skipped(reason)
    }
    switch runner {
    case .nothing: return .skipped(Self.noJobs)
    case .model(let model): return submit(job, to: model)
    case .drivers(let engines):
      guard let engine = engines[script.jobs[job].node], let planned = plan(job) else {
        return missingBuffer(of: job)
      }
      if let reason = engine.lackOfZeroes, mustReadZeroes(job) {
        omissions[job] = reason
        order.submit(job, isRun: false)
        return .skipped(reason)
      }
      for other in script.jobs[job].after where script.jobs[other].node != script.jobs[job].node {
        guard let fence = try engines[script.jobs[other].node]?.fences.exportFence(of: other)
        else { continue }
        try engine.fences.importFence(fence, before: job)
      }
      try engine.submit(planned)
      order.submit(job)
      uncollected.append(job)
      return .done
    }
  }

  /// Waits for a job; a modelled one runs now at the latest.
  func wait(for job: Int) throws(DRMError) -> StepResult {
    defer { order.wait(for: job) }
    if !order.isRun(job) {
      return .skipped(lack(of: job) ?? omissions[job] ?? Self.noJobs)
    }
    switch runner {
    case .nothing: return .skipped(Self.noJobs)
    case .model(let model):
      guard let number = jobNumbers[job] else {
        return .unsound("'\(script.jobs[job].name)' was not submitted")
      }
      model.wait(for: number)
      return .done
    case .drivers(let engines):
      guard engines[script.jobs[job].node] != nil else {
        return .unsound("'\(script.jobs[job].name)' was not submitted")
      }
      // The jobs that it had to wait for have ended too.
      for ended in [job] + order.jobs(before: job) {
        if let fault = try collect(ended, from: engines) { return .unsound(fault) }
      }
      return .done
    }
  }

  /// Takes the outcome of a submitted job, once; returns its fault.
  private func collect(
    _ job: Int, from engines: NumberedItems<any JobEngine>
  ) throws(DRMError) -> String? {
    guard let index = uncollected.firstIndex(of: job) else { return nil }
    uncollected.remove(at: index)
    guard let outcome = try engines[script.jobs[job].node]?.wait(for: job) else { return nil }
    if let fault = outcome.fault { return "'\(script.jobs[job].name)' failed: \(fault)" }
    found += outcome.reads.map { (job, $0.access, $0.bytes) }
    return nil
  }

  /// Waits for all jobs that were not waited for, so that their reads are judged; returns the first error.
  func finishJobs() -> String? {
    for job in order.pendingJobs + uncollected where order.isRun(job) {
      do throws(DRMError) {
        if case .unsound(let error) = try wait(for: job) { return error }
      } catch {
        return "\(error)"
      }
    }
    return nil
  }

  /// Returns the reads of jobs since the last call.
  func takeReads() -> [JobRead] {
    if case .model(let model) = runner {
      for read in model.takeReads() {
        guard let job = jobNumbers.first(where: { $0.value == read.job })?.key else { continue }
        found.append((job, read.access, read.bytes))
      }
    }
    defer { found.removeAll() }
    return found.compactMap { job, index, bytes in
      guard script.jobs[job].accesses.indices.contains(index),
        let expected = order.expectation(ofJob: job, access: index)
      else { return nil }
      let access = script.jobs[job].accesses[index]
      guard bytes.count == access.range.count else { return nil }
      return JobRead(
        access: access, text: "\(script.jobs[job].name) \(script.text(of: access))",
        finding: judge.judge(
          bytes, at: access.range.lowerBound, of: access.buffer, against: expected))
    }
  }

  /// Returns the reason why a job is skipped; nil where it runs.
  private func lack(of job: Int) -> String? {
    let description = script.jobs[job]
    switch runner {
    case .nothing: return Self.noJobs
    case .model:
      let waits = description.accesses.contains { access in
        if case .syncWait = access.kind { true } else { false }
      }
      return description.excess(over: mostOfJob)
        ?? nodes[description.node].lack(of: description, in: script)
        ?? (waits ? "sync_wait needs jobs that are submitted to a driver" : nil)
    case .drivers(let engines):
      if let lack = description.excess(over: mostOfJob)
        ?? nodes[description.node].lack(of: description, in: script)
      {
        return lack
      }
      let driver = nodes[description.node].driver
      guard let engine = engines[description.node] else {
        return "gemsync cannot submit jobs to \(driver)"
      }
      return engine.lack(of: description, in: script)
    }
  }

  /// Whether a job that is submitted now must see zeroes of a new BO.
  private func mustReadZeroes(_ job: Int) -> Bool {
    var later = order
    later.submit(job)
    return script.jobs[job].accesses.indices.contains { access in
      let pieces = later.expectation(ofJob: job, access: access)?.pieces ?? []
      return pieces.contains { $0.writer == .zeroes }
    }
  }

  private func submit(_ job: Int, to model: any ModelledMachine) -> StepResult {
    guard let planned = plan(job) else { return missingBuffer(of: job) }
    let accesses = planned.accesses.map { access in
      ModelledJob.Access(
        handle: access.buffer.handle, range: access.range, writing: access.bytes)
    }
    let description = script.jobs[job]
    let answer = model.submit(
      ModelledJob(
        descriptor: nodes[description.node].descriptor, queue: description.queue,
        accesses: accesses, after: description.after.compactMap { jobNumbers[$0] }))
    if let errno = Errno(answer: answer) {
      return .refused(errno, "cannot submit \(description.name): \(errno) (\(errno.sentence))")
    }
    jobNumbers[job] = answer
    order.submit(job)
    return .done
  }

  private func missingBuffer(of job: Int) -> StepResult {
    .unsound("'\(script.jobs[job].name)' uses a buffer that does not exist")
  }

  /// Returns a job with its buffers; nil where one of them does not exist.
  private func plan(_ job: Int) -> PlannedJob? {
    let description = script.jobs[job]
    var accesses: [PlannedJob.Access] = []
    for access in description.accesses {
      guard let live = buffers[access.buffer] else { return nil }
      let memory = script.memory(of: access.buffer)
      var (written, awaited, number): ([UInt8]?, UInt64?, UInt64?)
      switch access.kind {
      case .write(let write):
        written = bytes.bytes(of: write, in: access.range, of: memory)
        number = script.writes[write].value
      case .syncWait(let value): awaited = value
      case .read: break
      }
      accesses.append(
        PlannedJob.Access(
          buffer: live, memory: memory, range: access.range, bytes: written, awaited: awaited,
          number: number, candidates: script.writes.indices.reversed()))
    }
    return PlannedJob(
      number: job, queue: description.queue, accesses: accesses, after: description.after)
  }
}
