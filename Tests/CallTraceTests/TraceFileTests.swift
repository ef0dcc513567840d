// SPDX-License-Identifier: MIT

import CDRM
@testable import CallTrace
import DRMDrivers
import DRMKernel
import Foundation
import MockDRM
import Testing

/// A trace's file holds the whole trace, and errors name the damaged line.
@Suite struct TraceFileTests {
  static let header = TraceHeader(
    tool: "gemsync 0.1.0", command: ["check", "--device", "mock:all"],
    time: "2026-03-01T12:00:00Z", kernel: "mock", pageSize: 4096, location: "mock",
    devices: [
      DeviceDescription(
        renderNode: "/dev/dri/renderD128", primaryNode: nil, driver: "panthor", version: "1.9.0",
        isCoherent: true),
      DeviceDescription(
        renderNode: nil, primaryNode: "/dev/dri/card1", driver: "vgem", version: "1.0.0",
        isCoherent: nil),
    ], exporters: ["/dev/udmabuf": false, "/dev/dma_heap/system": true])

  static let calls: [RecordedCall] = {
    let player = CallPlayer(.substitute(MockKernel([MockProfile(.panthor)])))
    let more: [Call] = [
      EveryCall.open, EveryCall.create(size: 4096), EveryCall.offset(handle: 1),
      .mmap(length: 4096, protection: 3, flags: 1, .given(1), .given(1, delta: 0)),
      .store(mapping: 1, at: 4, [0, 1, 2, 0]), .load(mapping: 1, at: 0, count: 16),
      .load(mapping: 1, at: 4096, count: 1),
    ]
    // Resets the player, so that the following resources count from 1.
    var calls = more.map { RecordedCall($0, player.play($0), start: 1.5, seconds: 0.000012) }
    player.end()
    calls += EveryCall.all.map { RecordedCall($0, player.play($0)) }
    return calls
  }()

  static let text = Trace(header, calls).text()

  @Test func everyKindOfCallIsReadBack() throws {
    let trace = try Trace(parsing: Array(Self.text.utf8), named: "t")
    #expect(trace.header == Self.header)
    #expect(trace.calls.count == Self.calls.count)
    for (one, other) in zip(trace.calls, Self.calls) { #expect(one == other) }
    #expect(trace.text() == Self.text)
  }

  @Test func theWholeSuiteIsReadBackAndSmall() throws {
    let calls = recordedSuite(MockProfile.all).map { RecordedCall($0.call, $0.outcome) }
    let text = Trace(Self.header, calls).text()
    #expect(text.utf8.count < 2_400_000)
    let trace = try Trace(parsing: Array(text.utf8), named: "t")
    #expect(trace.calls == calls)
  }

  /// A trace has no addresses and no descriptor numbers of the run.
  @Test func twoRunsGiveTheSameText() {
    func text() -> String {
      let calls = recordedSuite([MockProfile(.panthor)]).map { RecordedCall($0.call, $0.outcome) }
      // Timeouts are times of one run.
      return Trace(Self.header, calls).text().replacing(/"timeout_nsec":[0-9]+/, with: "")
    }
    let one = text()
    // Opens descriptors, so that the second run gets other numbers.
    let other = CallPlayer(.substitute(MockKernel([MockProfile(.panthor)])))
    for call in EveryCall.all { _ = other.play(call) }
    #expect(text() == one)
  }

  @Test func linesAreReadable() throws {
    let lines = Self.text.split(separator: "\n")
    #expect(
      lines[2]
        == #"{"call":"PANTHOR_BO_CREATE","on":"fd 1","in":{"size":4096,"flags":"WB_MMAP","#
        + #""exclusive_vm_id":0},"result":0,"out":{"handle":1},"start":1.5,"seconds":1.2e-05}"#)
    #expect(
      Self.calls[1].description
        == "PANTHOR_BO_CREATE(fd 1, size=4096 flags=WB_MMAP exclusive_vm_id=0) = 0 handle=1")
    let texts = Self.calls.map(\.description)
    for wanted in [
      "open(path=/dev/dri/renderD128 flags=524290) = fd 1",
      "PANTHOR_BO_MMAP_OFFSET(fd 1, handle=1) = 0 offset=offset 1",
      "mmap(fd 1, length=4096 protection=3 flags=1 offset=offset 1) = mapping 1",
      "load(mapping 1, at=0 length=16) = 0 bytes=00*5 0102",
      "VERSION(fd 1, name_len=7 name={} date_len=0 desc_len=0) = 0 major=1 minor=9 date_len=1 "
        + "desc_len=18 name=\"panthor\"",
      "GET_CAP(fd 1, NULL) = EFAULT", "GET_CAP(fd 1, 0x1000) = EFAULT",
      "PANTHOR_BO_SYNC(fd 1, ops.stride=24 ops.count=4096 ops.array=[{handle=1 "
        + "type=FLUSH_AND_INVALIDATE offset=0 size=1 times=4096 step={offset=1}}]) = 0",
      "PANTHOR_BO_SET_LABEL(fd 1, handle=1 label=\"front buffer\") = 0",
      "PRIME_FD_TO_HANDLE(fd 1, flags=0 fd={host=memory size=4096 seals=2}) = EINVAL",
      "close(fd 4) = EBADF",
    ] {
      #expect(texts.contains(wanted), "\(wanted)")
    }
  }

  /// Each row replaces a text of the trace: the line of the error, and a part of its description.
  @Test(arguments: [
    (
      "{\"schema_version\":1", "{\"schema_version\":2", 1,
      "schema_version is 2, this gemsync reads 1"
    ),
    ("{\"schema_version\":1,", "{", 1, "'schema_version' is missing"),
    ("\"page_size\":4096", "\"page_size\":\"4k\"", 1, "page_size"),
    ("\"driver\":\"panthor\",", "", 1, "a device has no driver or version"),
    ("{\"call\":\"open\"", "{\"call\":\"open\" \"", 2, "not JSON"),
    ("{\"call\":\"open\"", "{\"called\":\"open\"", 2, "'call' is missing"),
    ("\"flags\":524290", "\"flags\":578", 2, "opens no device"),
    ("/dev/dri/renderD128\",\"flags\"", "/etc/passwd\",\"flags\"", 2, "opens no device"),
    ("\"result\":\"fd 1\"", "\"result\":4294967295", 2, "4294967295 is not a result"),
    ("\"result\":\"fd 1\"", "\"result\":\"fd 2147483647\"", 2, "does not follow 'fd 0'"),
    ("\"result\":\"EFAULT\"", "\"result\":-14", 8, "-14 is not a result"),
    (
      "\"result\":\"EFAULT\"", "\"result\":-9223372036854775808", 8,
      "-9223372036854775808 is not a result"
    ),
    ("\"result\":\"EFAULT\"", "\"result\":2147483648", 8, "2147483648 is not a result"),
    ("\"flags\":524290", "\"flags\":1e99", 2, "open: 'flags' is missing or not a number"),
    ("\"fd 1\"", "\"fd one\"", 2, "'fd one' is not a result"),
    ("BO_CREATE\"", "BO_CREATED\"", 3, "unknown call 'PANTHOR_BO_CREATED'"),
    ("\"WB_MMAP\"", "\"WB_MMAP|BLUE\"", 3, "'BLUE' is not a flag of flags"),
    ("\"size\":4096,", "\"sise\":4096,", 3, "unknown field 'sise'"),
    ("\"exclusive_vm_id\":0", "\"exclusive_vm_id\":4294967296", 3, "cannot hold 4294967296"),
    ("\"out\":{\"handle\":1}", "\"out\":{\"handel\":1}", 3, "unknown output 'handel'"),
    ("\"on\":\"fd 1\"", "\"on\":\"fd 0\"", 3, "is not a descriptor"),
    ("\"offset\":\"offset 1\"}", "\"offset\":\"fd 1\"}", 4, "'fd 1' is not a value of offset"),
    ("\"bytes\":\"000102\"", "\"bytes\":\"00010\"", 6, "is not hexadecimal bytes"),
    ("\"length\":16", "\"length\":-1", 7, "load: -1 bytes"),
    ("\"result\":\"EFAULT\"", "\"result\":\"EFALUT\"", 8, "'EFALUT' is not a result"),
    ("{\"end\":", "{\"end\":1", 0, "the end counts"),
  ])
  func errorsNameTheDamagedLine(_ old: String, _ new: String, _ line: Int, _ what: String) throws {
    let range = try #require(Self.text.firstRange(of: old))
    let damaged = Self.text.replacingCharacters(in: range, with: new)
    let number = line == 0 ? Self.text.split(separator: "\n").count : line
    let error = try #require(throws: TraceError.self) {
      try Trace(parsing: Array(damaged.utf8), named: "t")
    }
    #expect(error.description.hasPrefix("t:\(number): "), "\(error)")
    #expect(error.description.contains(what), "\(error)")
    #expect(!error.description.contains("\n"))
  }

  @Test func aTruncatedTraceIsRefused() throws {
    let lines = Self.text.split(separator: "\n", omittingEmptySubsequences: false)
    for kept in [1, 2, lines.count - 2] {
      let text = lines[..<kept].map { $0 + "\n" }.joined()
      let error = #expect(throws: TraceError.self) {
        try Trace(parsing: Array(text.utf8), named: "t")
      }
      #expect(error?.description.contains("cut off") == true)
    }
    let half = Self.text.utf8.prefix(Self.text.utf8.count / 2)
    #expect(throws: TraceError.self) { try Trace(parsing: Array(half), named: "t") }
    #expect(throws: TraceError.self) { try Trace(parsing: [], named: "t") }
    #expect(throws: TraceError.self) { try Trace(parsing: [0xff, 0, 0x0a], named: "t") }
    let more = Self.text + "{\"end\":1}\n"
    #expect(throws: TraceError.self) { try Trace(parsing: Array(more.utf8), named: "t") }
    #expect(throws: TraceError.self) { try Trace(parsing: Array("[]\n".utf8), named: "t") }
  }

  /// A file may contain any number; reading it allocates no more than a call's memory.
  @Test(arguments: [
    #""in":{"handle":1,"label":{"length":262145}}"#, #""in":{"handle":1,"label":"0x7fff00000000"}"#,
    #""in":{"handle":1,"label":{"length":-1}}"#, #""in":{"handle":1,"label":[]}"#,
    #""in":{"handle":1,"label":{"rest":"78*5000","length":4096}}"#, #""in":[1]"#,
    #""in":{"handle":1,"label":{"length":8,"links":[{"at":4,"to":null}]}}"#,
    #""in":{"length":99999999999}"#,
  ])
  func impossibleMemoryIsRefused(_ input: String) {
    let line = #"{"call":"PANTHOR_BO_SET_LABEL","on":"fd 1",\#(input),"result":0}"#
    #expect(throws: TraceError.self) {
      try RecordedCall(try JSONValue(parsing: Array(line.utf8)[...]))
    }
  }

  @Test func deepNestingIsRefused() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: TraceError.self) { try JSONValue(parsing: Array(text.utf8)[...]) }
  }

  @Test(arguments: [
    ([], ""), ([1, 0xff], "01ff"), ([1, 0, 0, 0], "01"), ([0, 0, 0, 0, 0, 7], "00*5 07"),
    ([9, 9, 9, 9, 9, 9, 8], "09*6 08"), ([UInt8](repeating: 0, count: 99), ""),
  ])
  func bytesAreReadBack(_ bytes: [UInt8], _ text: String) throws {
    #expect(ByteText.text(bytes) == text)
    #expect(try ByteText.bytes(text, count: bytes.count) == bytes)
  }

  @Test func jsonIsReadBack() throws {
    let text = #"{"a":[1,-2,0.5,true,false,null,18446744073709551615],"b \"\\\n\u0001é":{}}"#
    let value = try JSONValue(parsing: Array(text.utf8)[...])
    #expect(value.json == text)
  }
}
