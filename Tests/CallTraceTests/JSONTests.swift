// SPDX-License-Identifier: MIT

@testable import CallTrace
import Testing

/// The JSON of a trace, and the bytes in it.
@Suite struct JSONTests {
  @Test func deepNestingIsRefused() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: TraceError.self) { try JSONParser.value(of: Array(text.utf8)[...]) }
  }

  @Test(arguments: [
    ([], ""), ([1, 0xff], "01ff"), ([1, 0, 0, 0], "01"), ([0, 0, 0, 0, 0, 7], "00*5 07"),
    ([9, 9, 9, 9, 9, 9, 8], "09*6 08"), ([UInt8](repeating: 0, count: 99), ""),
  ])
  func bytesAreReadBack(_ bytes: [UInt8], _ text: String) throws {
    #expect(ByteText.text(bytes) == text)
    #expect(try ByteText.bytes(text, count: bytes.count) == bytes)
  }

  @Test(arguments: [
    ("{\"a\":1,\"a\":2}", 8), ("{\"a\":1,}", 8), ("[1,]", 4), ("01", 1), ("1.", 1), ("-", 1),
    ("1e", 1), ("1e+", 1), (".5", 1), ("-01", 1),
    ("+1", 1),
    ("nul", 1), ("\"a", 3), ("\"\\x\"", 4), ("\"\\ud800\"", 8), ("\"\u{1}\"", 2), ("1 2", 3),
    ("", 1),
    ("{1:2}", 2), ("{\"a\" 1}", 6), ("1e999", 1), ("--1", 1),
  ])
  func badJSONHasAColumn(_ text: String, _ column: Int) {
    let error = #expect(throws: TraceError.self) {
      try JSONParser.value(of: Array(text.utf8)[...])
    }
    #expect(
      error?.at("t", line: 7).description.hasPrefix("t:7:\(column): not JSON: ") == true, "\(text)")
  }

  @Test func jsonIsReadBack() throws {
    let text =
      #"{"a":[1,-2,0.5,0,-1.5e-05,true,false,null,18446744073709551615],"b \"\\\n\u0001é":{}}"#
    let value = try JSONParser.value(of: Array(text.utf8)[...])
    #expect(value.json == text)
  }
}
