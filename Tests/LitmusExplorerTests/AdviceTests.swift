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
    #expect(exploration.advice?.items == [])
  }

  @Test func aRedundantStartIsNamedWithItsEnd() throws {
    let exploration = try explore(
      start + "- begin: {bo: a, access: write}\n- end: {bo: a, access: write}\n"
        + "- sync: {bo: a, offset: 130, size: 4, op: flush}\n" + job)
    let redundant = try #require(exploration.advice?.items.filter { $0.label == "REDUNDANT_SYNC" })
    #expect(!redundant.isEmpty)
    #expect(redundant.filter { $0.end != nil }.allSatisfy { $0.end?.line != $0.position.line })
    #expect(redundant.contains { $0.end != nil })
  }

  @Test func eachOfTwoEqualSyncsIsRedundant() throws {
    let exploration = try explore(
      start + "- sync: {bo: a, offset: 130, size: 4, op: flush}\n"
        + "- sync: [{bo: a, offset: 128, size: 64, op: flush}]\n" + job)
    #expect(exploration.verdict == .proved)
    #expect(exploration.advice?.items.map(\.label) == ["REDUNDANT_SYNC", "REDUNDANT_SYNC"])
    #expect(exploration.advice?.items.map(\.unneededBytes) == [4, 64])
  }

  @Test func aWideSyncCanShrinkToTheNeededLines() throws {
    let exploration = try explore(start + "- sync: {bo: a, op: flush}\n" + job)
    #expect(exploration.verdict == .proved)
    #expect(exploration.advice?.items.map(\.kind) == [.overwide(needed: 128..<192)])
    #expect(exploration.advice?.items.map(\.unneededBytes) == [65536 - 64])
  }

  @Test func eachOfTwoEqualCPUAccessesIsRedundant() throws {
    let bracket = "- begin: {bo: a, access: write}\n- end: {bo: a, access: write}\n"
    let needed = try explore(start + bracket + job)
    #expect(needed.verdict == .proved && needed.advice?.items == [])
    let twice = try explore(start + bracket + bracket + job)
    #expect(twice.advice?.items.map(\.label) == ["REDUNDANT_SYNC", "REDUNDANT_SYNC"])
  }

  @Test func aScriptBeyondTheBoundIsUndecided() throws {
    var limits = Explorer.Limits()
    limits.visits = 2
    let exploration = try explore(start + "- sync: {bo: a, op: flush}\n" + job, limits)
    #expect(exploration.verdict == .undecided(bound: .visits(2)))
    #expect(exploration.advice == nil)
  }

  @Test func adviceStatesItsBound() throws {
    var limits = Explorer.Limits()
    limits.adviceVisits = 1
    let exploration = try explore(start + "- sync: {bo: a, op: flush}\n" + job, limits)
    #expect(exploration.verdict == .proved)
    #expect(exploration.advice?.items == [] && exploration.advice?.exceededBound == 1)
    limits.adviceVisits = 0
    #expect(try explore(start + job, limits).advice == nil)
  }

  /// Of two syncs that do the same, one can go; of three, two.
  @Test(arguments: [2, 3, 9, 12]) func namesALargestRemovableSet(_ count: Int) throws {
    let sync = "- sync: {bo: a, offset: 130, size: 4, op: flush}\n"
    let exploration = try explore(start + String(repeating: sync, count: count) + job)
    #expect(exploration.advice?.items.count == count)
    let set = try #require(exploration.advice?.removable)
    #expect(set.indices.count == count - 1)
    // More than eight syncs are tried one after the other.
    #expect(set.isLargest == (count <= 8))
  }

  @Test func aRemovedSetLeavesAProvedScript() throws {
    let steps =
      start + "- sync: {bo: a, offset: 130, size: 4, op: flush}\n"
      + "- begin: {bo: a, access: write}\n- end: {bo: a, access: write}\n"
      + "- sync: [{bo: a, offset: 128, size: 64, op: flush}, {bo: a, offset: 0, size: 64, op: flush}]\n"
      + job
    let exploration = try explore(steps)
    let advice = try #require(exploration.advice)
    let set = try #require(advice.removable)
    #expect(set.indices.count == 3 && set.isLargest)
    let script = try ScriptReader.read(
      path: "a.yaml", text: "version: 1\nnodes: {gpu: [panthor]}\nsteps:\n" + steps)
    let less = advice.removing(set, from: script)
    let text = ScriptWriter(less).text
    #expect(text.split(separator: "\n").count { $0.contains("flush") || $0.contains("begin") } == 1)
    let again = try Explorer().explore(
      less, on: Platform(nodes: [NodeModel(driver: DRMDriver.panthor)]))
    #expect(again.verdict == .proved)
    #expect(again.advice?.removable == nil)
  }

  /// Without its last line, each sync of a long script costs a few operations, not the whole script.
  @Test func adviceCostsGrowWithTheScript() throws {
    func visits(_ rounds: Int) throws -> Int {
      var limits = Explorer.Limits()
      var steps = "- create: {bo: a, size: 4K, flags: [wb_mmap]}\n"
      for round in 0..<rounds {
        steps += """
          - write: {bo: a, size: 64}
          - sync: {bo: a, size: 64, op: flush}
          - submit: {job: j\(round), do: [{read: {bo: a, size: 64}}, {write: {bo: a, size: 64}}]}
          - wait: {job: j\(round)}
          - sync: {bo: a, size: 64, op: flush_and_invalidate}
          - read: {bo: a, size: 64}

          """
      }
      // The least bound, to a factor of two, at which the advice is complete.
      limits.adviceVisits = 64
      while try explore(steps, limits).advice?.exceededBound != nil { limits.adviceVisits *= 2 }
      return limits.adviceVisits
    }
    #expect(try visits(64) <= 8 * visits(16))
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
