// SPDX-License-Identifier: MIT

import DRM
import DRMDrivers
import DRMKernel
import MockDRM
import LitmusRunner
import TestSupport
import Testing

@testable import Litmus

@Suite struct ScriptRunnerTests {
  private let roundTrip = """
    version: 1
    steps:
    - create: {bo: a, size: 64K, flags: [wb_mmap]}
    - write: {bo: a, offset: 128, size: 4, as: w1}
    - sync: {bo: a, offset: 128, size: 4, op: flush}
    - submit: {job: j, do: [{read: {bo: a, offset: 128, size: 4}}, {write: {bo: a, offset: 192, size: 4, as: w2}}]}
    - wait: {job: j}
    - sync: {bo: a, offset: 192, size: 4, op: flush_and_invalidate}
    - read: {bo: a, offset: 128, size: 68}
    """

  @Test(arguments: DRMDriver.mali, [false, true])
  func reportsTheResultOfEachStep(_ driver: DRMDriver, _ isCoherent: Bool) throws {
    let bench = ScriptBench([driver], isCoherent: isCoherent)
    let result = try bench.run(roundTrip)
    #expect(result.verdict == .pass && result.reason == nil && result.expectation == nil)
    #expect(result.executedSteps == 7 && result.skippedSteps == 0)
    #expect(
      result.seen == [
        "line 3 create a: ok", "line 4 write a 128..<132: ok",
        "line 5 sync a 128..<132 flush: ok", "line 6 submit j: ok", "line 7 wait j: ok",
        "line 6 j read a 128..<132: w1", "line 8 sync a 192..<196 flush_and_invalidate: ok",
        "line 9 read a 128..<196: w1, zeroes, w2",
      ])
    #expect(bench.mock.usage == .none)
  }

  @Test func withoutAModelJobsAreSkippedAndTheirWritesNotJudged() throws {
    let bench = ScriptBench(isModelled: false)
    let result = try bench.run(roundTrip)
    #expect(result.verdict == .pass && result.executedSteps == 5 && result.skippedSteps == 2)
    #expect(
      result.reason
        == "2 of 7 steps skipped: jobs are submitted to a real device only with --allow-jobs")
    #expect(result.seen.last == "line 9 read a 128..<196: w1, zeroes")
    #expect(result.seen.contains("line 6 submit j: skipped"))
  }

  @Test func aCPUWriteAfterASkippedJobIsJudged() throws {
    let bench = ScriptBench(isModelled: false)
    let text = roundTrip.replacing(
      "- read:", with: "- write: {bo: a, offset: 194, size: 1}\n- read:")
    #expect(try bench.run(text).verdict == .pass)
    // This model ignores the CPU's write after the wait, so that the read sees other bytes.
    let lossy = ScriptMachine(
      kernel: .substitute(bench.mock), device: bench.machine.device, model: ForgetfulModel())
    let result = ScriptRunner(lossy).run(try ScriptReader.read(path: "t.yaml", text: text))
    #expect(result.verdict == .fail)
  }

  @Test func missingFlushFailsTheRead() throws {
    let text = roundTrip.replacing(
      "- sync: {bo: a, offset: 128, size: 4, op: flush}",
      with: "- sync: {bo: a, offset: 4096, size: 4, op: flush}")
    let result = try ScriptBench([.panthor], caches: CachePolicy()).run(text)
    #expect(result.verdict == .fail)
    #expect(
      result.reason == "test.yaml:6:32: j read a 128..<132: must see w1, but sees zeroes")
    #expect(result.expectation == "line 6 j read a 128..<132: w1")
    // The run continues after a wrong read.
    #expect(result.executedSteps == 7)
  }

  @Test(arguments: [
    (
      "- read: {bo: a, sees: zeroes}",
      "test.yaml:5:9: read a 0..<4096: must see zeroes (the last write ordered before it is w), but sees w"
    ),
    (
      "- sync: {bo: a, op: flush}\n  errno: EINVAL",
      "sync a 0..<4096 flush: must be EINVAL, but is ok"
    ),
    ("- sync: {bo: a, size: 8K, op: flush}\n  errno: EPERM", "must be EPERM, but is EINVAL"),
    ("- read: {bo: a}\n  errno: EINVAL", "must be EINVAL, but is ok"),
    (
      "- create: {bo: b, size: 1024G}\n- export: {bo: b}",
      "test.yaml:5:3: cannot create a BO on /dev/dri/renderD128: ENOSPC"
    ),
  ])
  func reportsTheFirstFailureWithItsPosition(_ steps: String, _ reason: String) throws {
    let text = """
      version: 1
      steps:
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - write: {bo: a, as: w}
      \(steps)
      """
    let result = try ScriptBench().run(text)
    #expect(result.verdict == .fail)
    #expect(result.reason?.contains(reason) == true, "\(result.reason ?? "")")
    #expect(result.expectation != nil)
  }

  @Test func expectedErrnosPass() throws {
    let bench = ScriptBench([.panthor, .panfrost])
    let result = try bench.run(
      """
      version: 1
      nodes: {gpu: [panthor], other: [panfrost]}
      steps:
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - create: {bo: x, size: 4K, flags: [exclusive]}
      - create: {bo: n, size: 4K, flags: [no_mmap]}
      - map: {bo: n}
        errno: EPERM
      - sync: {bo: a, size: 8K, op: flush}
        errno: EINVAL
      - sync: [{bo: a, op: flush}, {bo: a, size: 8K, op: flush_and_invalidate}]
        errno: EINVAL
      - sync: {bo: a, size: 8K, for: cpu, access: write}
        errno: EINVAL
      - export: {bo: x}
        errno: EINVAL
      - export: {bo: a}
      - import: {bo: b, from: a, node: other}
      - sync: {bo: b, op: flush}
        errno: EINVAL
      - sync: [{bo: b, op: flush}, {bo: b, for: device, access: read}]
        errno: EINVAL
      """)
    #expect(result.verdict == .pass, "\(result.reason ?? "")")
    #expect(result.observations.count { $0.outcome == "EINVAL" } == 6)
    #expect(bench.mock.usage == .none)
  }

  @Test func sharesBuffersBetweenAllKindsOfNodes() throws {
    let bench = ScriptBench([.panfrost, .panthor, .vgem])
    let result = try bench.run(
      """
      version: 1
      nodes: {gpu: [panfrost], other: [panthor], heap: [system_heap], udma: [udmabuf], v: [vgem]}
      steps:
      - create: {bo: a, size: 4K, node: heap}
      - create: {bo: b, size: 4K, node: udma}
      - create: {bo: c, size: 4K, node: v}
      - create: {bo: d, size: 4K, node: other}
      - export: {bo: c}
      - export: {bo: d}
      - import: {bo: a2, from: a}
      - import: {bo: b2, from: b, node: other}
      - import: {bo: c2, from: c}
      - import: {bo: d2, from: d}
      - map: {bo: d2, through: dma_buf}
      - begin: {bo: a2, access: write}
      - write: {bo: a, as: wa}
      - end: {bo: a2, access: write}
      - begin: {bo: b, access: write}
      - write: {bo: b, as: wb}
      - end: {bo: b, access: write}
      - write: {bo: c2, as: wc}
      - write: {bo: d2, as: wd}
      - read: {bo: a2, sees: wa}
      - read: {bo: b2, sees: wb}
      - read: {bo: c, sees: wc}
      - read: {bo: d, sees: wd}
      - unmap: {bo: d2}
      - close: {bo: d2}
      - close: {bo: a}
      - read: {bo: a2, offset: 5, size: 1, sees: wa}
      """)
    #expect(result.verdict == .pass, "\(result.reason ?? "")")
    #expect(bench.mock.usage == .none)
  }

  @Test(arguments: [
    (["panfrost"], "needs panfrost, and /dev/dri/renderD128 is panthor"),
    (["panthor"], "test.yaml:4:3: needs wb_mmap, not in panthor 1.6.0"),
  ])
  func missingDriverOrFeatureIsASkip(_ drivers: [String], _ reason: String) throws {
    let bench = ScriptBench(minor: 6)
    let result = try bench.run(
      """
      version: 1
      nodes: {gpu: [\(drivers.joined(separator: ", "))]}
      steps:
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      """)
    #expect(result.verdict == .skip && result.executedSteps == 0)
    #expect(result.reason == reason)
  }

  @Test func missingSecondNodeIsASkip() throws {
    let bench = ScriptBench(hasHeap: false)
    for (driver, reason) in [
      ("panfrost", "needs panfrost for the node 'other'"),
      ("system_heap", "needs system_heap for the node 'other'"),
    ] {
      let result = try bench.run(
        """
        version: 1
        nodes: {gpu: [panthor], other: [\(driver)]}
        steps:
        - create: {bo: a, size: 4K, node: other}
        """)
      #expect(result.verdict == .skip && result.reason == reason)
    }
    // Each node needs a device of its own, and a node with a choice leaves the device for the other.
    let two = """
      version: 1
      nodes: {gpu: [panthor], either: [panfrost, vgem], other: [panfrost]}
      steps:
      - create: {bo: a, size: 4K, node: other}
      """
    #expect(try ScriptBench([.panthor, .panfrost]).run(two).verdict == .skip)
    #expect(try ScriptBench([.panthor, .panfrost, .vgem]).run(two).verdict == .pass)
  }

  @Test func runWithOnlySkippedStepsIsASkip() throws {
    let text = """
      version: 1
      steps:
      - create: {bo: a, size: 4K}
      - submit: {job: j, do: [{write: {bo: a}}]}
      - wait: {job: j}
      """
    var script = try ScriptReader.read(path: "test.yaml", text: text)
    script = Script(
      path: script.path, about: "", nodes: script.nodes, buffers: script.buffers,
      queues: script.queues, jobs: script.jobs, writes: script.writes,
      steps: Array(script.steps.dropFirst()))
    let result = ScriptBench(isModelled: false).run(script)
    #expect(result.verdict == .skip && result.skippedSteps == 2)
  }

  @Test func userlandSyncWithoutCacheInstructionsIsASkip() throws {
    let bench = ScriptBench()
    let text = """
      version: 1
      steps:
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - write: {bo: a}
      - sync: {bo: a, method: userland, op: flush}
      """
    #expect(try bench.run(text).verdict == .pass)
    let old = InterposedKernel(.substitute(bench.mock)) { _ in .pass }
    let kernel = NoCacheInstructions(.substitute(old))
    let machine = ScriptMachine(
      kernel: .substitute(kernel), device: bench.machine.device, model: bench.mock)
    let result = ScriptRunner(machine).run(try ScriptReader.read(path: "test.yaml", text: text))
    #expect(result.verdict == .skip)
    #expect(result.reason?.contains("no cache maintenance instructions") == true)
  }

  @Test(arguments: DRMDriver.mali)
  func aStoreFetchesTheRestOfItsLine(_ driver: DRMDriver) throws {
    // Otherwise the flush would write older bytes over the job's write.
    let result = try ScriptBench([driver], caches: CachePolicy(fill: .never)).run(
      """
      version: 1
      steps:
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - write: {bo: a, size: 64, as: w1}
      - sync: {bo: a, op: flush_and_invalidate}
      - submit: {job: j1, do: [{write: {bo: a, offset: 4, size: 4, as: w2}}]}
      - wait: {job: j1}
      - write: {bo: a, size: 4, as: w3}
      - sync: {bo: a, op: flush}
      - submit: {job: j2, do: [{read: {bo: a, size: 12}}]}
      - wait: {job: j2}
      """)
    #expect(result.verdict == .pass, "\(result.reason ?? "")")
    #expect(result.seen.contains("line 10 j2 read a 0..<12: w3, w2, w1"))
  }

  @Test func impossibleScheduleIsAFailure() throws {
    let bench = ScriptBench()
    let schedule = Schedule(events: [.init(step: 1, action: .runAccess(job: 0))])
    let result = try bench.run(roundTrip, schedule)
    #expect(result.verdict == .fail && result.reason?.contains("schedule") == true)
  }
}
