// SPDX-License-Identifier: MIT

import Foundation
import Litmus
import Testing

@testable import gemsync_enumerate

@Suite struct EnumeratorTests {
  static func script(_ steps: String, nodes: String = "gpu: [panthor]") throws -> Script {
    try ScriptReader.read(
      path: "test", text: "version: 1\nnodes: {\(nodes)}\nsteps:\n\(steps)\n")
  }

  static func verdict(_ script: Script, _ lines: Enumerator.Lines = .oneByOne) throws -> Verdict {
    let platform = try #require(MockPlatform.all(for: script).first)
    return Enumerator.verdict(on: script, platform, lines: lines)
  }

  @Test func findsAnEvictionBetweenTwoAccessesOfAJob() throws {
    let found = try Self.verdict(
      Self.script(
        """
        - create: {bo: a, size: 4K, flags: [wb_mmap]}
        - write: {bo: a, offset: 8, size: 4}
        - submit: {job: j, do: [{write: {bo: a, size: 4}}, {read: {bo: a, size: 4}}]}
        - wait: {job: j}
        """))
    #expect(found.badReads == [ReadID(step: 2, access: 1)])
    #expect(found.refusals.isEmpty && found.complaints.isEmpty)
  }

  @Test func findsAFillWhileAStartWaits() throws {
    let steps = """
      - create: {bo: a, size: 4K, flags: [wb_mmap]}
      - export: {bo: a}
      - submit: {job: j, do: [{write: {bo: a, size: 4}}]}
      - begin: {bo: a, access: read}
      - read: {bo: a, size: 4}
      """
    let found = try Self.verdict(Self.script(steps, nodes: "gpu: [panfrost]"))
    #expect(found.badReads == [ReadID(step: 4, access: nil)])
    let waitsFirst = steps.replacing("- begin", with: "- wait: {job: j}\n- begin")
    #expect(try Self.verdict(Self.script(waitsFirst, nodes: "gpu: [panfrost]")).isProved)
  }

  @Test func findsAnInvalidationThatLosesAWrite() throws {
    let found = try Self.verdict(
      Self.script(
        """
        - create: {bo: a, size: 4K, flags: [wb_mmap]}
        - export: {bo: a}
        - write: {bo: a, size: 4}
        - begin: {bo: a, access: read}
        - submit: {job: j, do: [{read: {bo: a, size: 4}}]}
        """, nodes: "gpu: [panfrost]"))
    #expect(found.badReads == [ReadID(step: 4, access: 0)])
  }

  @Test func findsARaceBetweenQueues() throws {
    let steps = """
      - create: {bo: a, size: 4K}
      - submit: {job: j, queue: q0, do: [{write: {bo: a, size: 4}}]}
      - submit: {job: k, queue: q1, do: [{read: {bo: a, size: 4}}]}
      """
    #expect(try Self.verdict(Self.script(steps)).badReads == [ReadID(step: 2, access: 0)])
    // Jobs of panfrost wait for implicit fences, jobs of panthor do not.
    #expect(try Self.verdict(Self.script(steps, nodes: "gpu: [panfrost]")).isProved)
    #expect(try Self.verdict(Self.script(steps.replacing("q1", with: "q0"))).isProved)
  }

  @Test func reportsRefusedSteps() throws {
    let found = try Self.verdict(
      Self.script(
        """
        - create: {bo: a, size: 4K, node: memory}
        - end: {bo: a, access: read}
        """, nodes: "gpu: [panthor], memory: [udmabuf]"))
    #expect(found.refusals == [1: -22])
  }

  /// No byte depends on another line, so a search for each line must find the same as one for all lines.
  @Test(arguments: 0..<12) func findsTheSameWithAllLinesAtOnce(_ number: Int) throws {
    let script = ScriptGenerator.script(seed: 99, number).script
    let (each, all) = (try Self.verdict(script), try Self.verdict(script, .together))
    #expect(each.badReads == all.badReads)
    #expect(each.complaints.isEmpty && all.complaints.isEmpty)
  }
}
