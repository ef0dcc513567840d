// SPDX-License-Identifier: MIT

@testable import CallTrace
import Testing

/// A trace may come from anyone: it is refused where it names what no recording has.
@Suite struct HostileTraceTests {
  /// A replay makes the calls of a node's driver, and unknown ones that no kernel gives a meaning.
  @Test(arguments: [
    ("0x5401", "ENOTTY", false), ("0xc0045877", "EPERM", false), ("0x4004667f", "EINVAL", false),
    ("0x641e", "EACCES", false), ("0xc06864a2", "EINVAL", false), ("0xc0086457", "EINVAL", true),
    ("0xc0087800", "ENOTTY", true), ("0xc00864ff", "EINVAL", true), ("0xc0087800", "0", false),
    ("0xc0086277", "ENOTTY", true), ("0xc0106440", "EINVAL", false), ("0xc0106440", "EBADF", true),
  ])
  func onlyKnownCallsAreMadeAgain(_ request: String, _ result: String, _ isMade: Bool) throws {
    let text =
      TraceFileTests.header.text
      + #"{"n":1,"call":"open","in":{"path":"/dev/dri/renderD128","flags":2}}"# + "\n"
      + #"{"n":1,"result":"fd 1"}"# + "\n"
      + #"{"n":2,"call":"ioctl","on":"fd 1","request":"\#(request)","in":{}}"# + "\n"
      + #"{"n":2,"result":\#(result == "0" ? "0" : "\"\(result)\"")}"# + "\n"
    var error = ""
    do throws(TraceError) {
      _ = try Trace(parsing: Array(text.utf8), named: "t")
    } catch let reason {
      error = reason.description
    }
    #expect(isMade ? error.isEmpty : error.hasPrefix("t:4: "), "\(error)")
  }

  /// A few characters can stand for many bytes; what a trace holds is bounded by its size.
  @Test func aTraceThatExpandsIsRefused() throws {
    let call = #""call":"load","on":"mapping 1","in":{"at":0,"length":262144}"#
    let text = (1...400).map { "{\"n\":\($0),\(call)}\n{\"n\":\($0),\"result\":\"EFAULT\"}\n" }
    let error = #expect(throws: TraceError.self) {
      try Trace(parsing: Array((TraceFileTests.header.text + text.joined()).utf8), named: "t")
    }
    #expect(error?.description.hasSuffix("the calls up to here hold more than 64 MiB") == true)
  }

  @Test func aCallOfAnotherDriverIsRefused() throws {
    let text =
      TraceFileTests.header.text
      + #"{"n":1,"call":"open","in":{"path":"/dev/dri/renderD128","flags":2}}"# + "\n"
      + #"{"n":1,"result":"fd 1"}"# + "\n" + #"{"n":2,"call":"dup","on":"fd 1"}"# + "\n"
      + #"{"n":2,"result":"fd 2"}"# + "\n"
      + #"{"n":3,"call":"PANFROST_MADVISE","on":"fd 2","in":{}}"# + "\n" + #"{"n":3,"result":0}"#
      + "\n"
    let error = #expect(throws: TraceError.self) {
      try Trace(parsing: Array(text.utf8), named: "t")
    }
    #expect(
      error?.description == "t:6: PANFROST_MADVISE: no call of panthor, the driver of the node")
  }

  /// A file may contain any number; reading it allocates no more than a call's memory.
  @Test(arguments: [
    #""in":{"handle":1,"label":{"length":262145}}"#, #""in":{"handle":1,"label":"0x7fff00000000"}"#,
    #""in":{"handle":1,"label":{"length":-1}}"#, #""in":{"handle":1,"label":[]}"#,
    #""in":{"handle":1,"label":{"rest":"78*5000","length":4096}}"#, #""in":[1]"#,
    #""in":{"handle":1,"label":{"length":8,"links":[{"at":4,"to":null}]}}"#,
    #""in":{"length":99999999999}"#, #""in":{"handle":1,"label":140737488289792}"#,
    #""in":{"handle":1,"label":{"text":"\#(String(repeating: "x", count: 262_145))"}}"#,
    #""in":{"links":[\#(String(repeating: #"{"at":0,"to":{"length":0,"cut_off":true}},"#, count: 300))null]}"#,
  ])
  func impossibleMemoryIsRefused(_ input: String) {
    let line = #"{"call":"PANTHOR_BO_SET_LABEL","on":"fd 1",\#(input)}"#
    #expect(throws: TraceError.self) {
      try Call("PANTHOR_BO_SET_LABEL", try JSONParser.value(of: Array(line.utf8)[...]))
    }
  }
}
