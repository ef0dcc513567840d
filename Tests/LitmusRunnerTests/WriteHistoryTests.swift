// SPDX-License-Identifier: MIT

import Testing

@testable import LitmusRunner

@Suite struct WriteHistoryTests {
  @Test func findsTheLastWriterOfEachByte() {
    // Compared with an array of one writer for each byte.
    var history = WriteHistory()
    var plain = [WriteHistory.Writer](repeating: .zeroes, count: 64)
    var state: UInt64 = 1
    for number in 0..<500 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let start = state >> 33 % 64
      let range = start..<min(64, start + state >> 50 % 16)
      let writer: WriteHistory.Writer = number % 9 == 0 ? .unknown : .write(number)
      history.record(writer, range)
      for at in range { plain[Int(at)] = writer }
      var shown: [WriteHistory.Writer] = []
      for piece in history.writers(of: 3..<61) {
        #expect(piece.range.lowerBound == UInt64(shown.count) + 3 && !piece.range.isEmpty)
        shown += piece.range.map { _ in piece.writer }
      }
      #expect(shown == Array(plain[3..<61]))
    }
  }
}
