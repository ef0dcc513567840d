// SPDX-License-Identifier: MIT

import DRMDrivers
import LitmusExplorer
import Litmus
import Testing

@Suite struct AdviceTests {
  private func explore(_ steps: String, _ limits: Explorer.Limits = .init()) throws -> Exploration {
    let script = try ScriptReader.read(
      path: "a.yaml", text: "version: 1\nnodes: {gpu: [panthor]}\nsteps:\n" + steps)
    return try Explorer(limits).explore(
      script, on: Platform(nodes: [NodeModel(driver: DRMDriver.panthor)]))
  }

  private let start = """
    - create: {bo: a, size: 64K, flags: [wb_mmap]}
    - export: {bo: a}
    - write: {bo: a, offset: 130, size: 4}

    """
  private let job = """
    - submit: {job: j, do: [{read: {bo: a, offset: 130, size: 4}}]}
    - wait: {job: j}

    """

  @Test func aNeededSyncGetsNoAdvice() throws {
    let exploration = try explore(
      start + "- sync: {bo: a, offset: 130, size: 4, op: flush}\n" + job)
    #expect(exploration.verdict == .proved)
    #expect(exploration.advice == [])
  }

  @Test func eachOfTwoEqualSyncsIsRedundant() throws {
    let exploration = try explore(
      start + "- sync: {bo: a, offset: 130, size: 4, op: flush}\n"
        + "- sync: [{bo: a, offset: 128, size: 64, op: flush}]\n" + job)
    #expect(exploration.verdict == .proved)
    #expect(exploration.advice?.map(\.label) == ["REDUNDANT_SYNC", "REDUNDANT_SYNC"])
    #expect(exploration.advice?.map(\.unneededBytes) == [4, 64])
  }

  @Test func aWideSyncCanShrinkToTheNeededLines() throws {
    let exploration = try explore(start + "- sync: {bo: a, op: flush}\n" + job)
    #expect(exploration.verdict == .proved)
    #expect(exploration.advice?.map(\.kind) == [.overwide(needed: 128..<192)])
    #expect(exploration.advice?.map(\.unneededBytes) == [65536 - 64])
  }

  @Test func eachOfTwoEqualCPUAccessesIsRedundant() throws {
    let bracket = "- begin: {bo: a, access: write}\n- end: {bo: a, access: write}\n"
    let needed = try explore(start + bracket + job)
    #expect(needed.verdict == .proved && needed.advice == [])
    let twice = try explore(start + bracket + bracket + job)
    #expect(twice.advice?.map(\.label) == ["REDUNDANT_SYNC", "REDUNDANT_SYNC"])
  }

  @Test func aScriptBeyondTheBoundIsUndecided() throws {
    var limits = Explorer.Limits()
    limits.visits = 2
    let exploration = try explore(start + "- sync: {bo: a, op: flush}\n" + job, limits)
    #expect(exploration.verdict == .undecided(bound: 2))
    #expect(exploration.advice == nil)
  }

  @Test func adviceIsNilBeyondItsBound() throws {
    var limits = Explorer.Limits()
    limits.adviceVisits = 1
    let exploration = try explore(start + "- sync: {bo: a, op: flush}\n" + job, limits)
    #expect(exploration.verdict == .proved && exploration.advice == nil)
  }

  @Test func aReadThatNamesAnEarlierWriteIsAnError() throws {
    #expect(throws: ScriptError.self) {
      try explore(
        """
        - create: {bo: a, size: 4K}
        - write: {bo: a, as: one}
        - write: {bo: a, as: two}
        - read: {bo: a, sees: one}
        """)
    }
  }
}
