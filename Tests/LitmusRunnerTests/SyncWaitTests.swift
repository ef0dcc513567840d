// SPDX-License-Identifier: MIT

import DRMDrivers
import Litmus
import LitmusRunner
import MockDRM
import Testing

/// Jobs that wait for numbers in memory, and jobs that set them.
@Suite struct SyncWaitTests {
  private func run(
    _ steps: String, _ driver: DRMDriver = .panthor, jobs: JobExecution = .submitted
  ) throws -> ScriptResult {
    let caches = CachePolicy(evict: .never, fill: .never)
    return try ScriptBench([driver], caches: caches, jobs: jobs).run(
      """
      version: 1
      nodes: {gpu: [panthor, panfrost]}
      steps:
      - create: {bo: s, size: 4K, flags: [wb_mmap]}
      - sync: {bo: s, op: flush}
      \(steps)
      """)
  }

  private let consumer =
    "- submit: {job: c, queue: q0, do: [{sync_wait: {bo: s, value: 2}}, "
    + "{read: {bo: s, offset: 64, size: 64}}, {write: {bo: s, offset: 128, size: 64, as: out}}]}\n"
  private let producer =
    "- submit: {job: p, queue: q1, do: [{write: {bo: s, offset: 64, size: 64, as: in}}, "
    + "{sync_set: {bo: s, value: 2, as: seq}}]}\n"
  private let end =
    "- wait: {job: c}\n- sync: {bo: s, op: flush_and_invalidate}\n"
    + "- read: {bo: s, offset: 128, size: 64, sees: out}\n- read: {bo: s, size: 8, sees: seq}\n"

  /// A number that a job's pattern leaves is enough for a wait for a smaller one.
  @Test func aWriteReleasesAQueue() throws {
    let result = try run(
      """
      - read: {bo: s, offset: 0, size: 8, sees: zeroes}
      - submit: {job: waiter, queue: q0, do: [{sync_wait: {bo: s, offset: 0, value: 1}}]}
      - submit: {job: signaler, queue: q1, do: [{write: {bo: s, offset: 0, size: 8, as: seq1}}]}
      - wait: {job: waiter}
      """)
    #expect(result.verdict == .pass && result.skippedSteps == 0, "\(result.reason ?? "")")
  }

  /// What comes before a number is set is ordered before what comes after the wait for it, in both submissions' order.
  @Test(arguments: [true, false]) func aNumberOrdersJobs(_ isConsumerFirst: Bool) throws {
    let jobs = isConsumerFirst ? consumer + producer : producer + consumer
    let result = try run(jobs + end)
    #expect(result.verdict == .pass && result.skippedSteps == 0, "\(result.reason ?? "")")
    #expect(result.seen.contains { $0.hasSuffix("c read s 64..<128: in") }, "\(result.seen)")
  }

  /// The order does not write lines back: a job behind a wait sees what is in memory.
  @Test(arguments: [true, false]) func aNumberFlushesNothing(_ isFlushed: Bool) throws {
    let result = try run(
      consumer + "- write: {bo: s, offset: 64, size: 64, as: late}\n"
        + (isFlushed ? "- sync: {bo: s, offset: 64, size: 64, op: flush}\n" : "")
        + "- submit: {job: p, queue: q1, do: [{sync_set: {bo: s, value: 3}}]}\n- wait: {job: c}\n")
    #expect(result.verdict == (isFlushed ? .pass : .fail))
    if !isFlushed {
      #expect(result.reason?.hasSuffix("must see late, but sees zeroes") == true)
    }
  }

  /// A number of the CPU releases a queue as soon as it is in memory.
  @Test(arguments: [true, false]) func theCPUReleasesAQueue(_ isFlushed: Bool) throws {
    let result = try run(
      consumer + "- write: {bo: s, size: 8, as: go}\n"
        + (isFlushed ? "- sync: {bo: s, size: 8, op: flush}\n" : "") + "- wait: {job: c}\n")
    #expect(result.verdict == (isFlushed ? .pass : .fail))
    if !isFlushed { #expect(result.reason?.contains("'c' failed: its group timed out") == true) }
  }

  @Test(arguments: [
    "", "- submit: {job: p, queue: q1, do: [{sync_set: {bo: s, value: 1}}]}\n",
    "- submit: {job: p, queue: q1, do: [{sync_set: {bo: s, offset: 8, value: 9}}]}\n",
  ])
  func aWaitThatNothingEndsTimesOut(_ producer: String) throws {
    let result = try run(consumer + producer + "- wait: {job: c}\n")
    #expect(result.verdict == .fail)
    #expect(result.reason?.contains("'c' failed: its group timed out") == true)
  }

  /// Where two queues can end a wait, what is behind it is not judged; all 64 bits of a number count.
  @Test func aWaitThatTwoQueuesEndOrdersNothing() throws {
    let result = try run(
      """
      - submit: {job: c, do: [{sync_wait: {bo: s, value: 0x100000000}}, {read: {bo: s, offset: 64, size: 64}}]}
      - submit: {job: p, queue: q1, do: [{write: {bo: s, offset: 64, size: 64}}, {sync_set: {bo: s, value: 0x100000000}}]}
      - submit: {job: r, queue: q2, do: [{sync_set: {bo: s, value: 0xffffffffffffffff}}]}
      - wait: {job: c}
      """)
    #expect(result.verdict == .pass, "\(result.reason ?? "")")
  }

  @Test func aDriverWithoutCommandStreamsSkipsIt() throws {
    for jobs in [JobExecution.submitted, .either] {
      let result = try run(consumer + producer + "- wait: {job: c}\n", .panfrost, jobs: jobs)
      #expect(result.verdict == .skip && result.skippedSteps == 3)
      #expect(
        result.reason?.contains("need a driver with command streams, and panfrost has none") == true
      )
    }
    let modelled = try run(consumer + "- wait: {job: c}\n", jobs: .modelled)
    #expect(
      modelled.reason?.hasSuffix("sync_wait needs jobs that are submitted to a driver") == true)
  }
}
