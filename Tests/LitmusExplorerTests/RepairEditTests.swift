// SPDX-License-Identifier: MIT

import DRMDrivers
import Litmus
import LitmusExplorer
import Testing

/// The edits of repairs: none without an effect, and START and END together.
@Suite struct RepairEditTests {
  private func explore(
    _ steps: String, nodes: String = "gpu: [panthor]"
  ) throws -> (edits: [ScriptEdit], text: RepairText, repairs: Repairs) {
    let script = try ScriptReader.read(
      path: "r.yaml", text: "version: 1\nnodes: {\(nodes)}\nsteps:\n\(steps)\n")
    let platform = Platform(nodes: script.nodes.map { NodeModel(driver: $0.drivers[0]) })
    let exploration = try Explorer().explore(script, on: platform)
    let repairs = Explorer().repairs(of: exploration, of: script, on: platform)
    guard case .repair(let repair)? = repairs.outcomes.first else {
      throw ScriptError(SourcePosition(file: "r.yaml"), "no repair")
    }
    return (repair.edits, RepairText(script, platform), repairs)
  }

  /// START and END are preferred to cache instructions where both help, and stay together at one place.
  @Test func anImportedForeignMemoryIsRepairedByWholeAccesses() throws {
    let result = try explore(
      """
      - create: {bo: a, size: 4K, node: u}
      - import: {bo: b, from: a}
      - submit: {job: j, do: [{write: {bo: b, size: 64, as: w}}]}
      - wait: {job: j}
      - read: {bo: a, size: 64, sees: w}
      """, nodes: "gpu: [panthor], u: [udmabuf]")
    let edits = result.edits.map { result.text.text(of: $0) }
    #expect(edits.allSatisfy { !$0.contains("userland") })
    let combination = try #require(result.repairs.combination)
    #expect(combination.isProved)
    let starts = combination.script.steps.indices.filter { index in
      if case .beginAccess = combination.script.steps[index].action { true } else { false }
    }
    #expect(!starts.isEmpty)
    for start in starts {
      if case .endAccess = combination.script.steps[start + 1].action { continue }
      Issue.record("the START in step \(start) has no END right after it")
    }
  }

  /// A step is moved once, and a job is waited for once.
  @Test func noEditIsDoneTwice() throws {
    let result = try explore(
      """
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - submit: {job: x, queue: q0, do: [{write: {bo: a, size: 64, as: one}}]}
      - submit: {job: y, queue: q1, do: [{write: {bo: a, size: 64, as: two}}]}
      - submit: {job: z, queue: q2, do: [{read: {bo: a, size: 64, sees: two}}]}
      - wait: {job: x}
      - wait: {job: y}
      - wait: {job: z}
      """)
    let edits = result.edits.map { result.text.text(of: $0) }
    #expect(edits.count == 2 && Set(edits).count == 2, "\(edits)")
  }
}
