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
      .maintain(mapping: 1, at: 64, count: 128, .clean),
      .maintain(mapping: 1, at: 0, count: 4096, .cleanAndInvalidate),
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
    var header = Self.header
    header.devices = MockProfile.all.enumerated().map { index, profile in
      DeviceDescription(
        renderNode: "/dev/dri/renderD\(128 + index)", primaryNode: "/dev/dri/card\(index)",
        driver: profile.driver.rawValue, version: "1.0.0")
    }
    let text = Trace(header, calls).text()
    #expect(text.utf8.count < 2_800_000)
    let trace = try Trace(parsing: Array(text.utf8), named: "t")
    #expect(trace.calls == calls)
  }

  /// A trace has no addresses and no descriptor numbers of the run.
  @Test func twoRunsGiveTheSameText() {
    func text() -> String {
      let calls = recordedSuite([MockProfile(.panthor)]).map { RecordedCall($0.call, $0.outcome) }
      return Trace(Self.header, calls).text()
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
      lines[3]
        == #"{"n":2,"call":"PANTHOR_BO_CREATE","on":"fd 1","in":{"size":4096,"flags":"WB_MMAP","#
        + #""exclusive_vm_id":0},"start":1.5}"#)
    #expect(lines[4] == #"{"n":2,"result":0,"out":{"handle":1},"seconds":1.2e-05}"#)
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
    (#"{"schema_version":2"#, #"{"schema_version":3"#, 1, "schema_version is 3"),
    (#"{"schema_version":2,"#, "{", 1, "'schema_version' is missing"),
    (#""page_size":4096"#, #""page_size":"4k""#, 1, "page_size"),
    (#""page_size":4096"#, #""page_size":4097"#, 1, "page_size"),
    (#""page_size":4096"#, #""page_size":1099511627776"#, 1, "page_size"),
    (#""driver":"panthor","#, "", 1, "a device has no driver or version"),
    (#""/dev/dri/card1""#, #""/dev/sda""#, 1, "'/dev/sda' is no node"),
    (#""/dev/dri/card1""#, #""/dev/dri/../sda""#, 1, "'/dev/dri/../sda' is no node"),
    (#""call":"open""#, #""call":"open" ""#, 2, "not JSON: '}' is missing"),
    (#""call":"open""#, #""call":"open","call":"open""#, 2, "'call' is there twice"),
    (#""flags":524290"#, #""flags":524290,"flags":2"#, 2, "'flags' is there twice"),
    (#"{"n":1,"call":"open""#, #"{"n":1,"called":"open""#, 2, "unknown member 'called'"),
    (#"{"n":1,"call":"open""#, #"{"call":"open""#, 2, "'n' is missing"),
    (#"{"n":1,"call":"open""#, #"{"n":2,"call":"open""#, 2, "call 2 does not follow call 0"),
    (#"{"n":1,"result""#, #"{"n":2,"result""#, 3, "call 2, which is not in flight"),
    (#"{"n":2,"result""#, #"{"n":1,"result""#, 5, "call 1, which is not in flight"),
    (#""flags":524290"#, #""flags":578"#, 2, "opens no device"),
    ("/dev/dri/renderD128\",\"flags\"", "/etc/passwd\",\"flags\"", 2, "opens no device"),
    ("/dev/dri/renderD128\",\"flags\"", "/dev/sda\",\"flags\"", 2, "opens no device"),
    ("/dev/dri/renderD128\",\"flags\"", "/dev/watchdog\",\"flags\"", 2, "opens no device"),
    ("/dev/dri/renderD128\",\"flags\"", "/dev/dma_heap/../sda\",\"flags\"", 2, "opens no device"),
    (
      "/dev/dri/renderD128\",\"flags\"", "/dev/dri/renderD9\",\"flags\"", 2, "no node of the header"
    ),
    ("/dev/dri/renderD128\",\"flags\"", "/dev/\\u001b]0;x\",\"flags\"", 2, "'/dev/\\x1b]0;x'"),
    (#""result":"fd 1""#, #""result":4294967295"#, 3, "4294967295 is not a result"),
    (#""result":"fd 1""#, #""result":"fd 2147483647""#, 3, "does not follow 'fd 0'"),
    (#""result":"mapping 1""#, #""result":"mapping 3""#, 9, "does not follow 'mapping 0'"),
    (#""result":"mapping 1""#, #""result":"fd 1""#, 9, "'fd 1' is not a result"),
    (#""result":"EFAULT""#, #""result":-14"#, 15, "-14 is not a result"),
    (#""result":"EFAULT""#, #""result":-9223372036854775808"#, 15, "08 is not a result"),
    (#""result":"EFAULT""#, #""result":1"#, 15, "1 is not a result"),
    (#""result":"EFAULT""#, #""result":0.5"#, 15, "0.5 is not a result"),
    (#""result":"EFAULT""#, #""result":"EFALUT""#, 15, "'EFALUT' is not a result"),
    (#""flags":524290"#, #""flags":1e99"#, 2, "open: 'flags' is missing or not a number"),
    (#""flags":524290"#, #""flags":1e999"#, 2, "this is no number"),
    (#""fd 1""#, #""fd one""#, 3, "'fd one' is not a result"),
    (#"BO_CREATE""#, #"BO_CREATED""#, 4, "unknown call 'PANTHOR_BO_CREATED'"),
    (
      #""PANTHOR_BO_CREATE","on""#, #""PANFROST_SUBMIT","on""#, 4, "unknown field 'exclusive_vm_id'"
    ),
    (#""WB_MMAP""#, #""WB_MMAP|BLUE""#, 4, "'BLUE' is not a flag of flags"),
    (#""size":4096,"#, #""sise":4096,"#, 4, "unknown field 'sise'"),
    (#""exclusive_vm_id":0"#, #""exclusive_vm_id":4294967296"#, 4, "cannot hold 4294967296"),
    (#""out":{"handle":1}"#, #""out":{"handel":1}"#, 5, "unknown output 'handel'"),
    (#""out":{"handle":1}"#, #""out":{"handle":-1}"#, 5, "cannot hold -1"),
    (#""on":"fd 1""#, #""on":"fd 0""#, 4, "is not a descriptor"),
    (#""offset":"offset 1"}"#, #""offset":"fd 1"}"#, 7, "'fd 1' is not a value of offset"),
    (#""flags":1,"offset""#, #""flags":33,"offset""#, 8, "flags 33 map more than a file"),
    (#""bytes":"000102""#, #""bytes":"00010""#, 10, "is not hexadecimal bytes"),
    (#""bytes":"000102""#, #""bytes":"00*999999999999""#, 10, "is not a run of bytes"),
    (#""length":16"#, #""length":-1"#, 12, "load: -1 bytes"),
    (#""length":16"#, #""length":99999999999"#, 12, "load: 99999999999 bytes"),
    (#"{"end":"#, #"{"end":1"#, 0, "the end counts"),
    (#"{"end":"#, #"{"end":-"#, 0, "the end counts"),
  ])
  func errorsNameTheDamagedLine(_ old: String, _ new: String, _ line: Int, _ what: String) throws {
    let range = try #require(Self.text.firstRange(of: old))
    let damaged = Self.text.replacingCharacters(in: range, with: new)
    let number = line == 0 ? Self.text.split(separator: "\n").count : line
    let error = try #require(throws: TraceError.self) {
      try Trace(parsing: Array(damaged.utf8), named: "t")
    }
    #expect(error.description.hasPrefix("t:\(number):"), "\(error)")
    #expect(error.description.contains(what), "\(error)")
    #expect(!error.description.contains("\n"))
  }

  /// A recording that was cut off at any byte has the calls up to there, and names the one in flight.
  @Test func aTraceCutOffAnywhereIsATrace() throws {
    let bytes = Array(Trace(Self.header, Array(Self.calls.prefix(8))).text().utf8)
    let start = Self.header.text.utf8.count
    var seen: Set<Int> = []
    for count in 0...bytes.count {
      let part = Array(bytes[..<count])
      // Without the newline the header may be whole.
      guard count >= start - 1 else {
        #expect(throws: TraceError.self) { try Trace(parsing: part, named: "t") }
        continue
      }
      let trace = try Trace(parsing: part, named: "t")
      seen.insert(trace.calls.count)
      #expect(trace.calls == Array(Self.calls.prefix(trace.calls.count)))
      #expect(trace.isCutOff == (count < bytes.count - 1))
      // The lines that are there, of which each second one is a result.
      let lines = part.count { $0 == 0x0a } - 1
      let whole = (try? JSONParser.value(of: part[(part.lastIndex(of: 0x0a) ?? -1) + 1..<count]))
      let known = max(lines, 0) + (whole == nil || lines < 0 ? 0 : 1)
      #expect(trace.calls.count == min(known, 16) / 2)
      #expect(
        trace.callsInFlight.map(\.call)
          == (known % 2 == 1 && known < 16 ? [Self.calls[known / 2].call] : []))
      #expect(trace.callsInFlight.first.map { $0.line == known + 1 } ?? true)
    }
    #expect(seen == Set(0...8))
  }

  @Test func whatNoRecordingLeavesIsRefused() throws {
    for text in [
      "", "\n", "[]\n", "\u{ff}\0\n", Self.text + "{\"end\":1}\n", Self.text + "{}\n",
      Self.header.text + "{\"n\":1,\"ca\n", Self.header.text + "\n\n",
      Self.header.text + #"{"n":1,"call":"close","on":"fd 1"}"# + "\n{\"end\":0}\n",
    ] {
      #expect(throws: TraceError.self) { try Trace(parsing: Array(text.utf8), named: "t") }
    }
    // A file system may leave zeroes behind what was written.
    let zeroes = Array((Self.header.text + "\0\0\0\0").utf8)
    #expect(try Trace(parsing: zeroes, named: "t").isCutOff)
  }

  /// The first version has a call and its result in one line.
  @Test func theFirstVersionIsRead() throws {
    let header = Self.header.text.replacing("\"schema_version\":2", with: "\"schema_version\":1")
    let line = #"{"call":"open","in":{"path":"/dev/dri/renderD128","flags":2},"result":"fd 1"}"#
    let text = header + line + "\n" + #"{"call":"close","on":"fd 1","result":0}"# + "\n"
    let trace = try Trace(parsing: Array((text + "{\"end\":2}\n").utf8), named: "t")
    #expect(
      trace.calls.map(\.call) == [.open(path: "/dev/dri/renderD128", flags: 2), .close(.given(1))])
    #expect(!trace.isCutOff && trace.line(ofCall: 1) == 3)
    for (old, new) in [
      ("\"result\":0", "\"result\":-9223372036854775808"), ("fd 1", "fd 9"), ("call", "cell"),
    ] {
      let damaged = Array(text.replacing(old, with: new).utf8)
      #expect(throws: TraceError.self) { try Trace(parsing: damaged, named: "t") }
    }
  }
}
