// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Scripting

extension ScriptSession {
  /// What a job's read found.
  struct JobRead {
    let access: ScriptAccess
    /// `j1 read a 128..<132`.
    let text: String
    let finding: ReadJudge.Finding
  }

  private static let noJobs = "jobs are not submitted to real devices yet"

  /// Submits a job to the model.
  func submit(_ job: Int) -> StepResult {
    guard let model else {
      order.submit(job)
      return .skipped(Self.noJobs)
    }
    let description = script.jobs[job]
    var accesses: [ModelledJob.Access] = []
    for access in description.accesses {
      guard let live = buffers[access.buffer] else { return missing(access.buffer) }
      var bytes: [UInt8]?
      if case .write(let number) = access.kind {
        bytes = access.range.map { ScriptWrite.byte(of: number, at: $0) }
      }
      accesses.append(
        ModelledJob.Access(handle: live.handle, range: access.range, writing: bytes))
    }
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

  /// Waits for a job, which runs now at the latest.
  func wait(for job: Int) -> StepResult {
    defer { order.wait(for: job) }
    guard let model else { return .skipped(Self.noJobs) }
    guard let number = jobNumbers[job] else {
      return .unsound("'\(script.jobs[job].name)' was not submitted")
    }
    model.wait(for: number)
    return .done
  }

  /// Runs what nobody waits for, as its reads are still to be judged.
  func finishJobs() {
    for job in order.pendingJobs { _ = wait(for: job) }
  }

  /// Answers what jobs have read since the last time.
  func takeReads() -> [JobRead] {
    guard let model else { return [] }
    return model.takeReads().compactMap { read in
      guard let job = jobNumbers.first(where: { $0.value == read.job })?.key,
        script.jobs[job].accesses.indices.contains(read.access),
        let expected = order.expectation(ofJob: job, access: read.access)
      else { return nil }
      let access = script.jobs[job].accesses[read.access]
      guard read.bytes.count == access.range.count else { return nil }
      return JobRead(
        access: access, text: "\(script.jobs[job].name) \(script.text(of: access))",
        finding: judge.judge(
          read.bytes, at: access.range.lowerBound, of: access.buffer, against: expected))
    }
  }
}
