// SPDX-License-Identifier: MIT

import DRMDrivers
import Litmus
import LitmusExplorer
import TestSupport
import Testing

@Suite struct RepairTests {
  private struct Result {
    let script: Script
    let platform: Platform
    let exploration: Exploration
    let repairs: Repairs

    /// The edits of a finding's repair as lines of text; nil where it has none.
    func edits(_ index: Int = 0) -> [String]? {
      guard case .repair(let repair) = repairs.outcomes[index] else { return nil }
      return repair.edits.map { RepairText(script, platform).text(of: $0) }
    }

    func reason(_ index: Int = 0) -> String? {
      if case .repair(let repair) = repairs.outcomes[index] { repair.reason } else { nil }
    }
  }

  private func explore(
    _ steps: String, nodes: String = "gpu: [panthor]", coherent: Set<Int> = [],
    lacking: Set<Int> = [], _ limits: Explorer.Limits = .init()
  ) throws -> Result {
    let script = try ScriptReader.read(
      path: "r.yaml", text: "version: 1\nnodes: {\(nodes)}\nsteps:\n\(steps)\n")
    let platform = Platform(
      nodes: script.nodes.enumerated().map { index, node in
        NodeModel(
          driver: node.drivers[0], isCoherent: coherent.contains(index),
          hasSyncCall: !lacking.contains(index))
      })
    let exploration = try Explorer(limits).explore(script, on: platform)
    return Result(
      script: script, platform: platform, exploration: exploration,
      repairs: Explorer(limits).repairs(of: exploration, of: script, on: platform))
  }

  /// Each finding of each bad script has a repair, and all together prove it.
  @Test(arguments: LitmusCase.all.filter { $0.finding != nil })
  func repairsEveryBadScript(_ litmus: LitmusCase) throws {
    for platform in litmus.platforms {
      let exploration = try Explorer().explore(litmus.script, on: platform)
      let repairs = Explorer().repairs(of: exploration, of: litmus.script, on: platform)
      #expect(repairs.outcomes.count == exploration.findings.count)
      let known = Set(exploration.findings.map(\.id))
      for (finding, outcome) in zip(exploration.findings, repairs.outcomes) {
        guard case .repair(let repair) = outcome else {
          Issue.record("\(platform.nodes[0].driver): no repair of \(finding.label)")
          continue
        }
        let edited = try Repairs.findings(of: litmus.script, after: repair.edits) {
          (script) throws(ScriptError) in try Explorer().explore(script, on: platform)
        }
        let left = Set(edited.findings)
        #expect(!left.contains(finding.id) && left.isSubset(of: known.map { $0 }))
      }
      let all = try #require(repairs.combination)
      #expect(all.isProved)
      let written = try ScriptReader.read(path: "r.yaml", text: ScriptWriter(all.script).text)
      #expect(try Explorer().explore(written, on: platform).verdict == .proved)
    }
  }

  // MARK: Who owns the BO

  private let device = "- submit: {job: j, do: [{read: {bo: a, size: 4}}]}"
  private let importer = """
    - write: {bo: a, size: 4}
    - submit: {job: j, node: other, do: [{read: {bo: b, size: 4}}]}
    """

  @Test func ownBufferIsSyncedByTheDriver() throws {
    let result = try explore(
      "- create: {bo: a, size: 4K, flags: [wb_mmap]}\n- write: {bo: a, size: 4}\n\(device)")
    #expect(result.edits() == ["insert 'sync: {bo: a, size: 4, op: flush}' before line 6"])
  }

  @Test func bufferOfACoherentOwnerIsSyncedThroughItsDMABuf() throws {
    let result = try explore(
      """
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - export: {bo: a}
      - import: {bo: b, from: a, node: other}
      - write: {bo: a, size: 4}
      - sync: {bo: a, size: 4, op: flush}
      - submit: {job: j, node: other, do: [{read: {bo: b, size: 4}}]}
      """, nodes: "gpu: [panthor], other: [panfrost]", coherent: [0])
    #expect(
      result.edits() == [
        "insert 'begin: {bo: a, access: write}' before line 7",
        "insert 'end: {bo: a, access: write}' before line 9",
      ])
    #expect(result.reason()?.contains("snoops") == true)
    #expect(result.repairs.combination?.isProved == true)
  }

  @Test(arguments: ["udmabuf", "system_heap"])
  func bufferOfAnExporterIsSyncedThroughItsDMABuf(_ exporter: String) throws {
    let result = try explore(
      """
      - create: {bo: a, size: 4K, node: m}
      - import: {bo: b, from: a}
      - write: {bo: a, size: 4}
      - submit: {job: j, do: [{read: {bo: b, size: 4}}]}
      """, nodes: "gpu: [panthor], m: [\(exporter)]")
    #expect(
      result.edits() == [
        "insert 'begin: {bo: a, access: write}' before line 6",
        "insert 'end: {bo: a, access: write}' before line 7",
      ])
    #expect(result.reason()?.contains("no sync ioctl") == true || exporter == "udmabuf")
  }

  /// The hooks of powervr sync nothing, so that only cache instructions help.
  @Test func bufferOfADriverWithoutSyncsIsMaintainedInUserland() throws {
    let result = try explore(
      """
      - create: {bo: a, size: 4K, node: other}
      - export: {bo: a}
      - import: {bo: b, from: a}
      - write: {bo: a, size: 4}
      - submit: {job: j, do: [{read: {bo: b, size: 4}}]}
      """, nodes: "gpu: [panfrost], other: [powervr]", coherent: [1])
    #expect(
      result.edits() == [
        "insert 'sync: {bo: a, size: 4, op: flush, method: userland}' before line 8"
      ])
  }

  @Test func anOldVersionHasNoSyncCall() throws {
    let result = try explore(
      """
      - create: {bo: a, size: 4K, node: m}
      - import: {bo: b, from: a}
      - begin: {bo: a, access: write}
      - end: {bo: a, access: write}
      - submit: {job: j, do: [{write: {bo: b, size: 4}}]}
      - read: {bo: b, size: 4}
      """, nodes: "gpu: [panthor], m: [udmabuf]", lacking: [0])
    #expect(result.repairs.combination?.isProved == true)
    let text = ScriptWriter(try #require(result.repairs.combination?.script)).text
    #expect(!text.contains("op: flush}"))
    #expect(text.contains("begin: {bo: a, access: read}"))
  }

  @Test func refusedSyncOfAnImportBecomesABracket() throws {
    let result = try explore(
      """
      - create: {bo: a, size: 4K, node: m}
      - import: {bo: b, from: a}
      - write: {bo: b, size: 4}
      - sync: {bo: b, size: 4, op: flush}
      - submit: {job: j, do: [{read: {bo: b, size: 4}}]}
      """, nodes: "gpu: [panthor], m: [udmabuf]")
    #expect(result.exploration.findings.map(\.label).contains("SYNC_ON_IMPORT"))
    let text = ScriptWriter(try #require(result.repairs.combination?.script)).text
    #expect(result.repairs.combination?.isProved == true)
    #expect(text.contains("begin: ") && !text.contains("sync: "))
  }

  // MARK: Kinds of edits

  @Test func existingStepsAreMovedWidenedAndReplaced() throws {
    let create = "- create: {bo: a, size: 4K, flags: [wb_mmap]}\n"
    let write = "- submit: {job: j, do: [{write: {bo: a, size: 256}}]}\n"
    let wait = "- wait: {job: j}\n"
    let read = "- read: {bo: a, size: 256}\n"
    let moved = try explore(
      create + write + "- sync: {bo: a, size: 256, op: flush_and_invalidate}\n" + wait + read)
    #expect(moved.exploration.findings.map(\.label) == ["SYNC_BEFORE_WAIT"])
    #expect(moved.edits()?.first?.hasPrefix("move 'sync") == true)
    let wide = try explore(
      create + write + wait + "- sync: {bo: a, size: 64, op: flush_and_invalidate}\n" + read)
    #expect(
      wide.edits() == ["widen line 7 to 'sync: {bo: a, size: 256, op: flush_and_invalidate}'"])
    let weak = try explore(create + write + wait + "- sync: {bo: a, size: 256, op: flush}\n" + read)
    #expect(
      weak.edits() == ["replace line 7 by 'sync: {bo: a, size: 256, op: flush_and_invalidate}'"])
    let late = try explore(
      create + write + "- sync: {bo: a, size: 256, op: flush_and_invalidate}\n" + read + wait)
    #expect(late.exploration.findings.first?.label == "MISSING_WAIT")
    #expect(late.edits()?.first == "move 'wait: {job: j}' from line 8 before line 6")
    #expect(late.repairs.combination?.isProved == true)
  }

  /// A read that races and is stale too has both names, and each repair leaves the other finding.
  @Test func aReadThatRacesAndIsStaleHasBothNames() throws {
    let result = try explore(
      """
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - submit: {job: j, do: [{write: {bo: a, size: 4, as: w}}]}
      - read: {bo: a, size: 4, sees: w}
      """)
    #expect(
      Set(result.exploration.findings.map(\.label)) == ["MISSING_WAIT", "MISSING_INVALIDATE"])
    #expect(result.repairs.combination?.isProved == true)
    guard case .read(let wrong) = result.exploration.findings[0].evidence else { return }
    #expect(wrong.isExpectedByName && wrong.expected == 0)
  }

  /// The CPU writes beside what the device writes: only one after the other, or on other lines.
  @Test func falseSharingInFlightIsSerialised() throws {
    let result = try explore(
      """
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - sync: {bo: a, size: 64, op: flush_and_invalidate}
      - submit: {job: j, do: [{write: {bo: a, size: 4}}]}
      - write: {bo: a, offset: 8, size: 4}
      - wait: {job: j}
      - sync: {bo: a, size: 64, op: flush_and_invalidate}
      - read: {bo: a, size: 4}
      """)
    #expect(result.exploration.findings.map(\.label) == ["FALSE_SHARING_LINE"])
    #expect(result.edits()?.contains("move 'wait: {job: j}' from line 8 before line 7") == true)
    #expect(result.reason()?.contains("separate cache lines") == true)
  }

  @Test func whatNoSyncChangesHasItsReason() throws {
    let call = try explore(
      "- create: {bo: a, size: 4K, flags: [wb_mmap]}\n- {sync: {bo: a, op: flush}, errno: EINVAL}")
    #expect(call.exploration.findings.map(\.label) == ["WRONG_ERRNO"])
    guard case .unrepaired(.call) = call.repairs.outcomes[0] else {
      Issue.record("\(call.repairs.outcomes[0])")
      return
    }
    let order = try explore(
      """
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - submit: {job: j, do: [{write: {bo: a, size: 4}}]}
      - read: {bo: a, size: 4, sees: zeroes}
      - wait: {job: j}
      """)
    guard case .unrepaired(.order) = order.repairs.outcomes[0] else {
      Issue.record("\(order.repairs.outcomes[0])")
      return
    }
  }

  @Test func theSearchStatesItsBound() throws {
    var limits = Explorer.Limits()
    limits.repairVisits = 1
    let result = try explore(
      "- create: {bo: a, size: 4K, flags: [wb_mmap]}\n- write: {bo: a, size: 4}\n\(device)", limits)
    guard case .unrepaired(.bound) = result.repairs.outcomes[0] else {
      Issue.record("\(result.repairs.outcomes[0])")
      return
    }
    #expect(result.repairs.exceededBound == 1)
  }

  // MARK: START and END

  @Test(arguments: [
    ("begin begin end", [7]), ("begin end end", [9]), ("end", [7]), ("begin", [7]),
    ("begin end", []), ("begin begin end end", []), ("end begin", [7, 8]),
    ("begin begin", [7, 8]),
  ]) func unpairedStepsAreFound(_ steps: String, _ lines: [Int]) throws {
    let brackets = steps.split(separator: " ").map { "- \($0): {bo: a, access: read}\n" }.joined()
    let result = try explore(
      "- create: {bo: a, size: 4K, flags: [wb_mmap]}\n- export: {bo: a}\n- read: {bo: a, size: 4}\n"
        + brackets)
    #expect(result.exploration.findings.map(\.position.line) == lines)
    #expect(result.exploration.findings.allSatisfy { $0.label == "SYNC_UNBALANCED" })
    #expect(result.exploration.badReads.isEmpty)
    #expect((result.repairs.combination?.isProved ?? true) == true)
    for index in lines.indices { #expect(result.edits(index) != nil) }
  }

  @Test func zeroesDiscardedByTheFirstStartAreNamed() throws {
    let result = try explore(
      """
      - create: {bo: a, size: 4K, node: u}
      - import: {bo: b, from: a}
      - begin: {bo: a, access: read_write}
      - end: {bo: a, access: read_write}
      - submit: {job: j, do: [{read: {bo: b, size: 64, sees: zeroes}}]}
      """, nodes: "gpu: [panthor], u: [udmabuf]")
    #expect(result.exploration.findings.map(\.label) == ["ZEROES_LOST"])
    guard case .read(let wrong) = result.exploration.findings[0].evidence else { return }
    #expect(wrong.discardingStep == 2)
    #expect(
      result.edits() == [
        "replace line 6 by 'begin: {bo: a, access: write}'",
        "replace line 7 by 'end: {bo: a, access: write}'",
      ])
  }
}
