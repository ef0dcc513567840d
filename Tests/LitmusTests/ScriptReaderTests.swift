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
    (
      "submit: {job: j, do: [{sync_wait: {bo: a, offset: 4, value: 1}}]}",
      "4:53: the offset is not a multiple of 8"
    ),
    (
      "submit: {job: j, do: [{sync_set: {bo: a, offset: 4K, value: 1}}]}",
      "4:52: the 8 bytes end past 'a', which has 4096 bytes"
    ),
    ("submit: {job: j, do: [{sync_wait: {bo: a, value: 0}}]}", "4:52: a wait for 0 never waits"),
    ("submit: {job: j, do: [{sync_wait: {bo: a}}]}", "4:37: sync_wait needs 'value'"),
    (
      "submit: {job: j, do: [{sync_set: {bo: a, value: 1K}}]}",
      "4:51: this is not a number of 64 bits"
    ),
    ("submit: {job: j, do: [{sync_add: {bo: a}}]}", "4:26: a job has 'read', 'write', 'sync_wait'"),
    ("create: {bo: b, size: 1025G}", "4:25: a BO has between 1 byte and 1024G"),
    ("create: {bo: b, size: 1G}\n- read: {bo: b}", "5:9: a read has at most 64M"),
    (
      "create: {bo: b, size: 1G}\n- write: {bo: b, size: 0x4000001}",
      "5:24: a write has at most 64M"
    ),
    (
      "create: {bo: b, size: 1G}\n- submit: {job: j, do: [{read: {bo: b, size: 1G}}]}",
      "5:46: a read has at most 64M"
    ),
    ("write: {bo: a, offset: 0xffffffffffffffff, size: 2}", "4:52: the range ends past 2^64"),
    ("read: {bo: a, sees: w}", "4:23: no write of this script is named 'w'"),
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
    ("write: {bo: a, bo: a}", "4:18: invalid YAML: duplicate key 'bo', which line 4 has already"),
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
    for text in ["[", "{", "- ", "? ", "[{", "{a: ", "- ? "] {
      for count in [100_000, 1 << 20] {
        let error = message(String(repeating: text, count: count))
        #expect(error.contains(": this is nested too deep"), "\(error)")
      }
    }
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  /// Brackets in comments, quotes and plain text are not nesting; real nesting is found where it is.
  @Test func readsBracketsAsYAMLDoes() {
    let brackets = String(repeating: "[0, 64) ", count: 40)
    let step = "steps:\n- create: {bo: a, size: 4K}\n"
    for text in [
      "# \(brackets)\nversion: 1\n\(step)", "version: 1 # \(brackets)\n\(step)",
      "version: 1\nabout: \"\(brackets)\"\n\(step)", "version: 1\nabout: '\(brackets)'\n\(step)",
      "version: 1\nabout: see \(brackets)\n\(step)",
      "version: 1\nabout: see\n  \(brackets)\n\(step)",
      "version: 1\nabout: |\n  \(brackets)\n\(step)", "version: 1\n\(step)# \(brackets)",
      "version: 1\nabout: >\n   \(String(repeating: "- ", count: 200))\n\(step)",
    ] {
      #expect(message(text) == "no error", "\(message(text))")
    }
    let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
    #expect(
      message("version: 1\nsteps: \(deep)\n") == "s.yaml:2:39: this is nested too deep for a script"
    )
  }

  @Test(arguments: [
    ("\tversion: 1\n", "s.yaml:1:1: invalid YAML: a tab cannot indent or separate"),
    ("version: 1\nsteps:\n\t- create: {bo: a, size: 1}\n", "s.yaml:3:1: invalid YAML: a tab"),
    ("version: 1\nabout: \"\\ud800\"\n", "s.yaml:2:11: invalid YAML: found invalid Unicode"),
    ("# only\n# comments\n", "s.yaml:1:1: the script is empty"),
    ("\n\n", "s.yaml:1:1: the script is empty"),
    ("version: 1\nsteps: []\n---\nversion: 1\n", "s.yaml:3:1: a script is one YAML document"),
    ("version: 1\nabout: &a x\nsteps: []\n", "s.yaml:2:8: a script has no anchors and aliases"),
    ("version: 1\nabout: !x y\nsteps: []\n", "s.yaml:2:8: a script has no tags such as '!x'"),
    ("version: !!float 1\nsteps: []\n", "s.yaml:1:10: a script has no tags"),
    ("version: 1\n<<: {about: x}\nsteps: []\n", "s.yaml:2:1: a script has no merge keys"),
    (
      "version: 1\nsteps: []\nabout: x\nversion: 1\n",
      "s.yaml:4:1: invalid YAML: duplicate key 'version', which line 1 has already"
    ),
    ("a: 1\nb: 2\n\"a\": 3\na: 4\n", "s.yaml:3:1: invalid YAML: duplicate key 'a', which line 1"),
    ("version: 1\nsteps: []\nab\u{e9}\u{0}", "s.yaml:3:4: invalid YAML: control characters"),
    ("version: 1\n\"\\e]0;x\\a\": 1\n", "s.yaml:2:1: a script has no field '\\u{1b}]0;x\\u{7}'"),
    ("version: 1\n\"a\\nb\u{202e}\": 1\n", "a script has no field 'a\\u{a}b\\u{202e}'"),
  ])
  func saysWhereAndWhyItIsNoScript(_ text: String, _ expected: String) {
    #expect(message(text).contains(expected), "\(message(text))")
    #expect(message("\u{feff}" + text).contains(expected))
    let withCRLF = message(text.replacing("\n", with: "\r\n"))
    #expect(withCRLF.contains(expected), "\(withCRLF)")
  }

  /// Aliases that would expand to a billion nodes, also where a parser compares keys.
  @Test(arguments: ["- *", "? *"]) func rejectsExpandingAliases(_ use: String) {
    var text = "a0: &a0 [x, x]\n"
    for level in 1..<40 {
      text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n"
    }
    #expect(message(text + "z:\n  \(use)a39\n").contains("a script has no anchors and aliases"))
    // Text that looks like aliases is none.
    let comments = String(repeating: "# *p, &q\n", count: 100)
    #expect(message(comments + "version: 1\nsteps:\n- create: {bo: a, size: 4K}\n") == "no error")
  }

  @Test func readsBytes() throws {
    func message(_ bytes: [UInt8]) -> String {
      do throws(ScriptError) {
        _ = try ScriptReader.read(path: "s.yaml", bytes: bytes)
        return "no error"
      } catch { return "\(error)" }
    }
    let script = Array("version: 1\nsteps:\n- create: {bo: a, size: 4K}\n".utf8)
    #expect(message(script) == "no error")
    #expect(message([0xef, 0xbb, 0xbf] + script) == "no error")
    #expect(
      message(script + Array("# \u{e9}".utf8) + [0xff]) == "s.yaml:4:4: the script is not UTF-8")
    #expect(message([0xfe, 0xff, 0, 0x76]) == "s.yaml:1:1: the script is not UTF-8")
    #expect(message(script + [0xc3]) == "s.yaml:4:1: the script is not UTF-8")
    #expect(message([]) == "s.yaml:1:1: the script is empty")
  }

  @Test func readsClaims() throws {
    let steps = "steps:\n- create: {bo: a, size: 4K}\n"
    let script = try ScriptReader.read(
      path: "s.yaml",
      text: "version: 1\nnodes: {g: {drivers: [panthor], claims: non_coherent}, o: [vgem]}\n"
        + steps)
    #expect(script.nodes.map(\.claim) == [.nonCoherent, nil])
    #expect(
      message("version: 1\nnodes: {g: {drivers: [panthor], claims: maybe}}\n" + steps)
        .contains("2:41: this is not one of coherent, non_coherent"))
    #expect(
      message(
        "version: 1\nnodes: {g: [panthor], u: {drivers: [udmabuf], claims: coherent}}\n" + steps
      )
      .contains("2:55: udmabuf has no device that could be coherent"))
    #expect(
      message("version: 1\nnodes: {g: {claims: coherent}}\n" + steps).contains(
        "2:12: a node needs 'drivers'"))
  }

  @Test func aReadNamesAnyWrite() throws {
    let create = "version: 1\nsteps:\n- create: {bo: a, size: 4K}\n"
    let script = try ScriptReader.read(
      path: "s.yaml",
      text: create + "- write: {bo: a, size: 4}\n"
        + "- submit: {job: j, do: [{read: {bo: a, sees: late}}, {write: {bo: a, as: own}}]}\n"
        + "- write: {bo: a, as: late}\n")
    #expect(script.writes.map(\.name) == ["the write at line 4", "own", "late"])
    #expect(script.jobs[0].accesses[0].kind == .read(sees: 2))
    #expect(
      message(create + "- read: {bo: a, sees: pixles}\n- write: {bo: a, as: pixels}\n").contains(
        "4:23: no write of this script is named 'pixles'; is it 'pixels'?"))
  }
}
