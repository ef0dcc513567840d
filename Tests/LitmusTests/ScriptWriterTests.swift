// SPDX-License-Identifier: MIT

import Litmus
import TestSupport
import Testing

@Suite struct ScriptWriterTests {
  /// What the writer writes is the same script again, apart from positions and comments.
  @Test(arguments: LitmusFile.all) func writesWhatTheReaderReads(_ file: LitmusFile) throws {
    let script = try file.script()
    let text = ScriptWriter(script).text
    let again = try ScriptReader.read(path: file.name, text: text)
    #expect(ScriptWriter(again).text == text)
    #expect(again.about == script.about && again.nodes == script.nodes)
    #expect(again.buffers.map(\.origin) == script.buffers.map(\.origin))
    #expect(again.buffers.map(\.size) == script.buffers.map(\.size))
    #expect(again.queues == script.queues)
    #expect(again.jobs.map(\.after) == script.jobs.map(\.after))
    #expect(
      again.jobs.map { $0.accesses.map(\.kind) } == script.jobs.map { $0.accesses.map(\.kind) })
    #expect(
      again.jobs.map { $0.accesses.map(\.range) } == script.jobs.map { $0.accesses.map(\.range) })
    #expect(again.writes.count == script.writes.count)
    #expect(again.steps.map(\.errno) == script.steps.map(\.errno))
    for (one, other) in zip(again.steps, script.steps) {
      #expect(ScriptWriter(again).text(of: one) == ScriptWriter(script).text(of: other))
    }
  }

  @Test func writesEveryKindOfStep() throws {
    let steps = """
      create: {bo: a, size: 64K, flags: [exclusive, wb_mmap]}
      export: {bo: a}
      map: {bo: a, through: dma_buf}
      import: {bo: b, from: a, node: other}
      create: {bo: h, size: 100, node: heap}
      map: {bo: h}
      write: {bo: a, offset: 65, size: 4, as: w}
      read: {bo: a, offset: 4K, size: 1K, sees: zeroes}
      read: {bo: a, offset: 65, size: 4, sees: w}
      sync: {bo: a, op: flush}
      sync: [{bo: a, size: 64, op: flush}, {bo: a, offset: 64, size: 64, op: flush_and_invalidate}]
      sync: {bo: a, op: flush, method: userland}
      sync: {bo: a, for: cpu, access: read_write}
      {sync: {bo: b, op: flush}, errno: EINVAL}
      begin: {bo: a, access: read_write}
      end: {bo: a, access: read_write}
      submit: {job: j, do: [{read: {bo: a, size: 8}}, {write: {bo: a, size: 8, as: v}}]}
      submit: {job: k, queue: q, after: [j], do: [{read: {bo: a}}]}
      submit: {job: l, queue: q, after: [j], do: [{read: {bo: a}}]}
      submit: {job: m, node: other, do: [{read: {bo: b, sees: v}}]}
      submit: {job: p, queue: z, do: [{sync_wait: {bo: a, offset: 8, value: 3}}]}
      submit: {job: q, do: [{sync_set: {bo: a, offset: 8, value: 4, as: s}}]}
      sync: {bo: a, offset: 64, size: 0, op: flush}
      wait: {job: l}
      wait: {job: k}
      wait: {job: m}
      unmap: {bo: a}
      close: {bo: b}
      """
    let header = """
      version: 1
      about: "quotes \\" and \\\\, a tab \\u0009 and an escape \\u001b"
      nodes:
        gpu: [panthor]
        other: {drivers: [panfrost, panthor], claims: non_coherent}
        heap: [system_heap]
      steps:

      """
    let text =
      header + steps.split(separator: "\n").map { "- \($0)\n" }.joined()
    let script = try ScriptReader.read(path: "s.yaml", text: text)
    #expect(script.about == "quotes \" and \\, a tab \t and an escape \u{1b}")
    #expect(ScriptWriter(script).text == text)
  }
}
