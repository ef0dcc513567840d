// SPDX-License-Identifier: MIT

import Testing

@testable import Litmus

@Suite struct ScriptReaderTests {
  private func message(_ text: String) -> String {
    do throws(ScriptError) {
      _ = try ScriptReader.read(path: "s.yaml", text: text)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  /// Returns the error of one step after a BO `a` of 4096 bytes.
  private func step(_ text: String) -> String {
    message("version: 1\nsteps:\n- create: {bo: a, size: 4K}\n- \(text)\n")
  }

  @Test func resolvesAllNames() throws {
    let script = try ScriptReader.read(
      path: "s.yaml",
      text: """
        version: 1
        about: what it shows
        nodes: {gpu: [panthor], heap: [system_heap]}
        steps:
        - create: {bo: a, size: 64K, flags: [wb_mmap]}
        - write: {bo: a, offset: 0x40, size: 4, as: w}
        - sync: [{bo: a, size: 64, op: flush}, {bo: a, op: flush_and_invalidate}]
        - submit: {job: j, do: [{read: {bo: a, offset: 64, size: 4, sees: w}}, {write: {bo: a, size: 8}}]}
        - submit: {job: k, queue: q, after: [j], do: [{read: {bo: a}}]}
        - submit: {job: l, do: [{read: {bo: a}}]}
        - wait: {job: k}
        - sync: {bo: a, for: cpu, access: read}
          errno: EINVAL
        - read: {bo: a, sees: zeroes}
        """)
    #expect(script.nodes.map(\.name) == ["gpu", "heap"])
    #expect(script.buffers.map(\.size) == [65536])
    #expect(script.writes.map(\.name) == ["w", "the write at line 8"])
    #expect(script.queues == ["gpu/queue", "gpu/q"])
    #expect(script.jobs.map(\.after) == [[], [0], [0]])
    #expect(script.steps.map(\.errno?.rawValue) == [nil, nil, nil, nil, nil, nil, nil, 22, nil])
    guard case .access(let write) = script.steps[1].action else { Issue.record(); return }
    #expect(write.range == 64..<68)
    guard case .sync(let batch) = script.steps[2].action else { Issue.record(); return }
    #expect(batch.map(\.range) == [0..<64, 0..<65536])
    guard case .access(let read) = script.steps[8].action else { Issue.record(); return }
    #expect(read.kind == .read(sees: ScriptAccess.zeroes))
    #expect("\(script.steps[7].position)" == "s.yaml:12:3")
  }

  @Test(arguments: [
    ("write: {bo: a, sizee: 4}", "4:18: write has no field 'sizee'; known: as, bo, offset, size"),
    ("wirte: {bo: a}", "4:3: unknown step 'wirte'; known: begin"),
    ("write: {bo: b}", "4:15: no step before this one creates a BO 'b'"),
    (
      "write: {bo: a, offset: 4095, size: 2}",
      "4:38: the range 4095..<4097 ends past 'a', which has 4096 bytes"
    ),
    ("write: {bo: a, offset: -1}", "4:26: this is not a number of bytes"),
    ("write: {bo: a, offset: 99999999999999999999}", "4:26: this is not a number of bytes"),
    ("write: {bo: a, size: 0}", "4:24: the range is empty"),
    ("read: {bo: a, sees: w}", "4:23: no access before this one is named 'w'"),
    ("begin: {bo: a, access: read}", "4:15: 'a' has no dma-buf: export it first"),
    ("sync: {bo: a}", "4:9: sync needs 'op'"),
    ("sync: {bo: a, op: clean}", "4:21: this is not one of flush, flush_and_invalidate"),
    ("sync: {bo: a, for: cpu}", "4:9: sync needs 'access'"),
    ("sync: {bo: a, op: flush, method: magic}", "4:36: this is not one of ioctl, userland"),
    ("wait: {job: j}", "4:15: unknown job 'j'"),
    ("create: {bo: b, size: 1, flags: [wb]}", "4:36: this is not one of wb_mmap, no_mmap, noexec"),
    ("submit: {job: j, do: []}", "4:11: the job does nothing"),
    (
      "submit: {job: j, after: [j], do: [{read: {bo: a}}]}",
      "4:28: a cycle of waits: 'j' waits for 'j'"
    ),
    ("create: {bo: a, size: 1}", "4:16: there is already a BO 'a'"),
    ("create: {bo: b, size: 1, node: x}", "4:34: unknown node 'x'; known: gpu"),
    ("unmap: {bo: a}", "4:15: 'a' is not mapped"),
    ("{write: {bo: a}, read: {bo: a}}", "4:20: a step has one action"),
    ("{errno: EINVAL}", "4:3: this step has no action"),
    ("{write: {bo: a}, errno: EWHAT}", "4:27: unknown errno 'EWHAT'"),
    ("write: [a]", "4:10: this is not write: a mapping of fields"),
    ("just text", "4:3: this is not a step"),
    ("write: {bo: a, bo: a}", "invalid YAML: duplicate key 'bo'"),
    ("write: {bo: a", "invalid YAML: did not find expected ',' or '}'"),
    ("write: {bo: *a}", "invalid YAML: found undefined alias"),
  ])
  func reportsABadStepWithItsPosition(_ text: String, _ expected: String) {
    let error = step(text)
    #expect(error.hasPrefix("s.yaml:"))
    #expect(error.contains(expected), "\(error)")
  }

  @Test func reportsWaitsThatNeverEnd() {
    let create = "version: 1\nsteps:\n- create: {bo: a, size: 4K}\n"
    let cycle = message(
      create + "- submit: {job: j, after: [k], do: [{read: {bo: a}}]}\n"
        + "- submit: {job: k, after: [l], do: [{read: {bo: a}}]}\n"
        + "- submit: {job: l, after: [j], do: [{read: {bo: a}}]}\n")
    #expect(cycle == "s.yaml:4:28: a cycle of waits: 'j' waits for 'k', which waits for 'j'")
    let later = message(
      create + "- wait: {job: k}\n- submit: {job: k, do: [{read: {bo: a}}]}\n")
    #expect(later.hasPrefix("s.yaml:4:15: 'k' is submitted later, in line 5"))
    let busy = message(
      create + "- submit: {job: j, do: [{read: {bo: a}}]}\n- close: {bo: a}\n")
    #expect(busy.contains("5:15: the job 'j' may still use 'a': wait for it first"))
  }

  @Test(arguments: [
    ("", "s.yaml:1:1: the script is empty"),
    ("version: 2\nsteps: []", "s.yaml:1:10: the version is not 1"),
    ("steps: []", "s.yaml:1:1: a script needs 'version'"),
    ("version: 1\nsteps: []", "s.yaml:2:8: the script has no steps"),
    ("version: 1\nsteps: 5", "s.yaml:2:8: this is not a list of steps"),
    (
      "version: 1\nnodes: {g: [mesa]}\nsteps: []",
      "s.yaml:2:13: unknown driver 'mesa'; known: panthor"
    ),
    (
      "version: 1\nnodes: {h: [udmabuf]}\nsteps: []",
      "the first node is the device under test, and udmabuf has no GPU"
    ),
    ("a\u{0}b", "s.yaml:1:2: invalid YAML: control characters are not allowed"),
  ])
  func reportsABadScriptWithItsPosition(_ text: String, _ expected: String) {
    #expect(message(text).contains(expected), "\(message(text))")
  }

  /// Every driver of the catalog and every other exporter has one name, in scripts and in the schema.
  @Test func namesEveryDriver() {
    let names = ScriptDriver.allCases.map(\.name)
    #expect(names == ["panthor", "panfrost", "powervr", "vgem", "system_heap", "udmabuf"])
    #expect(names.map(ScriptDriver.init(name:)) == ScriptDriver.allCases.map(Optional.some))
    let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
    #expect(ScriptSchema.text.contains("\"enum\": [\(list)]"))
  }

  @Test func rejectsHugeInvalidInputQuickly() {
    let start = ContinuousClock.now
    let long = String(repeating: "x: [1, 2\n", count: 10 << 20)
    #expect(message(long).contains("s.yaml:1:1: the script is longer than 64 MiB"))
    #expect(
      message(String(repeating: "[", count: 60 << 20)).contains("1:33: this is nested too deep"))
    #expect(
      message(String(repeating: "- ", count: 30 << 20)).contains("1:129: this is nested too deep"))
    #expect(
      message(String(repeating: "? ", count: 1 << 20)).contains("1:129: this is nested too deep"))
    #expect(ContinuousClock.now - start < .seconds(60))
  }
}
