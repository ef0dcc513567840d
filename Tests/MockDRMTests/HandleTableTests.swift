// SPDX-License-Identifier: MIT

import Testing

@testable import MockDRM

@Suite struct HandleTableTests {
  @Test func givesTheLowestFreeNumber() {
    var table = HandleTable<String>()
    #expect(table.insert("a") == 1)
    #expect(table.insert("b") == 2)
    #expect(table.insert("c") == 3)
    #expect(table.remove(2) == "b")
    #expect(table.remove(1) == "a")
    #expect(table.insert("d") == 1)
    #expect(table.insert("e") == 2)
    #expect(table.insert("f") == 4)
    #expect(table.numbers == [1, 2, 3, 4])
  }

  @Test func hasNoOtherNumbers() {
    var table = HandleTable<String>()
    #expect(table[0] == nil && table[1] == nil && table[.max] == nil)
    #expect(table.remove(0) == nil && table.remove(5) == nil)
  }
}
