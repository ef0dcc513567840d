// SPDX-License-Identifier: MIT

import DRMDrivers
import LitmusRunner
import MockDRM
import Testing

/// Jobs of scripts that are submitted to a mock's drivers.
@Suite struct SubmittedJobTests {
  /// A job that uses a BO more than once, also through an import of its own, names it once in SUBMIT.
  @Test(arguments: DRMDriver.mali)
  func aJobCanUseABufferTwice(_ driver: DRMDriver) throws {
    let result = try ScriptBench([driver], jobs: .submitted).run(
      """
      version: 1
      about: a job reads and writes one BO, by two handles of it
      steps:
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - export: {bo: a}
      - import: {bo: b, from: a}
      - write: {bo: a, size: 64}
      - sync: {bo: a, op: flush}
      - submit: {job: j, do: [{read: {bo: a, size: 64}}, {write: {bo: b, offset: 64, size: 4}}]}
      - wait: {job: j}
      - sync: {bo: a, op: flush_and_invalidate}
      - read: {bo: a, offset: 64, size: 4}
      """)
    #expect(result.verdict == .pass, "\(result.reason ?? "")")
    #expect(result.skippedSteps == 0)
  }

  /// A job that panfrost cannot run is skipped with a reason, and its reads are not judged.
  @Test(arguments: [
    ("offset: 4, size: 4, as: w2", "this one is only partly written"),
    ("offset: 64, size: 4, as: w2", nil),
  ])
  func partlyWrittenDescriptorIsNotRun(_ write: String, _ reason: String?) throws {
    let result = try ScriptBench([.panfrost], jobs: .submitted).run(
      """
      version: 1
      about: a line that a job reads
      steps:
      - create: {bo: a, size: 4K}
      - write: {bo: a, offset: 0, size: 64, as: w1}
      - write: {bo: a, \(write)}
      - submit: {job: j, do: [{read: {bo: a, offset: 0, size: 64}}]}
      - wait: {job: j}
      """)
    #expect(result.verdict == (reason == nil ? .pass : .skip))
    #expect(result.skippedSteps == (reason == nil ? 0 : 2))
    if let reason { #expect(result.reason?.hasSuffix(reason) == true) }
  }

  /// The reads of a job that is waited for through another one, or not at all, are judged.
  @Test(arguments: DRMDriver.mali, ["- wait: {job: p}", "- wait: {job: r}", ""])
  func everyReadOfAJobIsJudged(_ driver: DRMDriver, _ wait: String) throws {
    for other in ["", ", queue: other, after: [r]"] {
      let result = try ScriptBench([driver], jobs: .submitted).run(
        """
        version: 1
        steps:
        - create: {bo: a, size: 4K, flags: [wb_mmap]}
        - write: {bo: a, size: 64, as: w1}
        - submit: {job: r, do: [{read: {bo: a, size: 64, sees: w1}}]}
        - submit: {job: p\(other), do: [{write: {bo: a, offset: 128, size: 64}}]}
        \(wait)
        """)
      #expect(result.verdict == .fail, "\(other): \(result.reason ?? "")")
      #expect(result.observations.count { $0.action.hasPrefix("r read a") } == 1)
    }
  }

  /// A group has so many queues as the firmware has streams in a slot; each node has a group of its own.
  @Test(arguments: [(8, ScriptResult.Verdict.pass), (9, .skip)])
  func moreQueuesThanAGroupHasAreSkipped(_ count: Int, _ verdict: ScriptResult.Verdict) throws {
    let jobs = (0..<count).map { number in
      "- submit: {job: j\(number), queue: q\(number), do: [{write: {bo: a, size: 64}}]}\n"
        + "- wait: {job: j\(number)}\n"
    }
    let result = try ScriptBench([.panthor], jobs: .submitted).run(
      "version: 1\nsteps:\n- create: {bo: a, size: 4K, flags: [wb_mmap]}\n" + jobs.joined()
        + "- sync: {bo: a, op: flush_and_invalidate}\n- read: {bo: a, size: 64}\n")
    #expect(result.verdict == verdict, "\(result.reason ?? "")")
    if verdict == .skip { #expect(result.reason?.contains("9 queues") == true) }
  }

  /// A driver that believes a wrong claim maps the runner's own memory cached too.
  @Test(
    arguments: DRMDriver.mali, ["sync: {bo: a, op: flush, method: userland}", "export: {bo: a}"])
  func jobsRunOnADeviceThatOnlyClaimsToBeCoherent(_ driver: DRMDriver, _ sync: String) throws {
    let result = try ScriptBench([driver], jobs: .either).run(
      """
      version: 1
      nodes: {gpu: {drivers: [\(driver)], claims: coherent}}
      steps:
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - write: {bo: a, size: 64, as: w}
      - \(sync)
      - submit: {job: j, do: [{read: {bo: a, size: 64, sees: w}}]}
      - wait: {job: j}
      """)
    #expect(result.verdict == (sync.hasPrefix("sync") ? .pass : .fail), "\(result.reason ?? "")")
    #expect(result.reason?.contains("fault") != true)
  }

  /// A job of up to 1 MiB is submitted in parts, with one fence at the end.
  @Test(arguments: DRMDriver.mali, [64 << 10, 1 << 20])
  func aJobOfOneMiBRuns(_ driver: DRMDriver, _ size: Int) throws {
    let result = try ScriptBench([driver], jobs: .submitted).run(
      """
      version: 1
      steps:
      - create: {bo: a, size: \(size), flags: [wb_mmap]}
      - create: {bo: b, size: \(size), flags: [wb_mmap]}
      - write: {bo: a, as: input}
      - sync: {bo: a, op: flush}
      - submit: {job: w, queue: q, do: [{write: {bo: b, as: output}}]}
      - submit: {job: r, after: [w], do: [{read: {bo: a, sees: input}}]}
      - wait: {job: r}
      - sync: {bo: b, op: flush_and_invalidate}
      - read: {bo: b, sees: output}
      """)
    #expect(result.verdict == .pass, "\(result.reason ?? "")")
    #expect(result.skippedSteps == 0)
    #expect(result.seen.contains("line 8 r read a 0..<\(size): input"))
  }

  /// The parts of a job do not hide that its last bytes are stale.
  @Test(arguments: DRMDriver.mali)
  func aStaleEndOfALargeReadIsFound(_ driver: DRMDriver) throws {
    let result = try ScriptBench([driver], jobs: .submitted).run(
      """
      version: 1
      steps:
      - create: {bo: a, size: 256K, flags: [wb_mmap]}
      - write: {bo: a, as: old}
      - sync: {bo: a, op: flush}
      - write: {bo: a, as: new}
      - sync: {bo: a, size: 262080, op: flush}
      - submit: {job: r, do: [{read: {bo: a}}]}
      - wait: {job: r}
      """)
    #expect(result.reason?.contains("must see new, but sees new, old") == true)
  }

  /// A job that is too large for one submission is skipped with its reason, by every way to run jobs.
  @Test(arguments: DRMDriver.mali, [JobExecution.submitted, .either])
  func aLargerJobIsSkipped(_ driver: DRMDriver, _ jobs: JobExecution) throws {
    let result = try ScriptBench([driver], jobs: jobs).run(
      """
      version: 1
      steps:
      - create: {bo: a, size: 2M, flags: [wb_mmap]}
      - submit: {job: j, do: [{write: {bo: a, size: 1M}}, {write: {bo: a, offset: 1M, size: 4}}]}
      - wait: {job: j}
      - read: {bo: a, size: 4}
      """)
    // The CPU reads bytes that the job would have written.
    #expect(result.verdict == .skip && result.skippedSteps == 2)
    #expect(result.reason?.hasPrefix("no read was judged, 2 of 4 steps skipped: ") == true)
    #expect(result.reason?.hasSuffix("a job that moves more than 1 MiB") == true)
  }

  /// The bytes of modelled jobs that nothing waits for are bounded.
  @Test func pendingJobsAreBounded() throws {
    let jobs = (0..<5).map { "- submit: {job: j\($0), do: [{write: {bo: a, size: 16M}}]}\n" }
    let result = try ScriptBench().run(
      "version: 1\nsteps:\n- create: {bo: a, size: 16M, flags: [wb_mmap]}\n" + jobs.joined())
    #expect(result.executedSteps == 5 && result.skippedSteps == 1)
    #expect(result.reason?.hasSuffix("pending jobs move more than 64 MiB") == true)
  }

  /// Where no job runs, a script passes only if some of its reads or errnos were judged.
  @Test(
    arguments: [
      ("- read: {bo: a, size: 4, sees: zeroes}", .pass),
      ("- read: {bo: a, offset: 64, size: 4}", .skip),
      ("- sync: {bo: a, offset: 1G, size: 4, op: flush}\n  errno: EINVAL", .pass),
      ("- map: {bo: a}", .skip),
    ] as [(String, ScriptResult.Verdict)])
  func aPassNeedsSomethingJudged(_ step: String, _ verdict: ScriptResult.Verdict) throws {
    let result = try ScriptBench(jobs: .none).run(
      """
      version: 1
      steps:
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - submit: {job: j, do: [{read: {bo: a, size: 4}}, {write: {bo: a, offset: 64, size: 4}}]}
      - wait: {job: j}
      \(step)
      """)
    #expect(result.verdict == verdict)
    #expect(result.reason?.hasPrefix("no read was judged") == (verdict == .skip))
  }

  /// A device that is said to be coherent and is not loses what the CPU wrote; one that tells the truth does not.
  @Test(arguments: DRMDriver.mali, [true, false])
  func aClaimDecidesWhatTheDriverDoes(_ driver: DRMDriver, _ isCoherent: Bool) throws {
    let caches = CachePolicy(evict: .never, fill: .never)
    func run(_ claim: String, _ execution: JobExecution) throws -> ScriptResult {
      try ScriptBench([driver], caches: caches, isCoherent: isCoherent, jobs: execution).run(
        """
        version: 1
        nodes: {gpu: {drivers: [panthor, panfrost], claims: \(claim)}}
        steps:
        - create: {bo: a, size: 4K, flags: [wb_mmap]}
        - write: {bo: a, size: 64, as: w}
        - sync: {bo: a, size: 64, op: flush}
        - submit: {job: j, do: [{read: {bo: a, size: 64, sees: w}}]}
        - wait: {job: j}
        """)
    }
    #expect(try run("coherent", .modelled).verdict == (isCoherent ? .pass : .fail))
    #expect(try run("non_coherent", .modelled).verdict == .pass)
    // The claim of one script does not reach the next one.
    let bench = ScriptBench([driver], caches: caches)
    let honest =
      "version: 1\nsteps:\n- create: {bo: a, size: 4K, flags: [wb_mmap]}\n"
      + "- write: {bo: a, size: 64}\n- sync: {bo: a, op: flush}\n"
      + "- submit: {job: j, do: [{read: {bo: a, size: 64}}]}\n- wait: {job: j}\n"
    let lying = honest.replacing(
      "steps:", with: "nodes: {g: {drivers: [\(driver)], claims: coherent}}\nsteps:")
    #expect(
      try [honest, lying, honest].map { try bench.run($0).verdict } == [.pass, .fail, .pass])
  }

  /// A real device has its own claim: a script with another one is skipped.
  @Test func aRealDeviceIsNotMadeToLie() throws {
    let text = """
      version: 1
      nodes: {gpu: {drivers: [panthor], claims: coherent}}
      steps:
      - create: {bo: a, size: 4K}
      """
    let result = try ScriptBench(isModelled: false, jobs: .none).run(text)
    #expect(result.verdict == .skip)
    #expect(result.reason == "the node 'gpu' claims coherent, and panthor reports non_coherent")
    let honest = try ScriptBench(isCoherent: true, isModelled: false, jobs: .none).run(text)
    #expect(honest.verdict == .pass)
  }

  /// A sync of size 0 within the BO succeeds and maintains nothing; past its end it does not.
  @Test(arguments: DRMDriver.mali)
  func anEmptySyncMaintainsNothing(_ driver: DRMDriver) throws {
    let result = try ScriptBench([driver], caches: CachePolicy(evict: .never, fill: .never)).run(
      """
      version: 1
      steps:
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - write: {bo: a, size: 64, as: w1}
      - sync: {bo: a, op: flush}
      - write: {bo: a, size: 64, as: w2}
      - sync: {bo: a, size: 0, op: flush}
      - sync: [{bo: a, offset: 4K, size: 0, op: flush_and_invalidate}, {bo: a, offset: 8, size: 0, op: flush}]
      - sync: {bo: a, size: 0, op: flush, method: userland}
      - sync: {bo: a, offset: 4097, size: 0, op: flush}
        errno: EINVAL
      - submit: {job: j, do: [{read: {bo: a, size: 64}}]}
      - wait: {job: j}
      """)
    #expect(result.reason?.hasSuffix("must see w2, but sees w1") == true)
    #expect(result.seen.count { $0.hasSuffix(": ok") } == 9)
  }

  /// A read can name a write of a later step; which is seen depends on the order that the script does not set.
  @Test func aReadCanNameALaterWrite() throws {
    let result = try ScriptBench(caches: CachePolicy(evict: .never, fill: .never)).run(
      """
      version: 1
      steps:
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - submit: {job: j, do: [{read: {bo: a, size: 64, sees: late}}]}
      - write: {bo: a, size: 64, as: late}
      - sync: {bo: a, op: flush}
      - wait: {job: j}
      """)
    #expect(
      result.reason?.hasSuffix(
        "must see late (the last write ordered before it is zeroes), but sees late") == true)
  }
}
