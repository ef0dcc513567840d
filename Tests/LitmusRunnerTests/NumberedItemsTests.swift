// SPDX-License-Identifier: MIT

import DRMKernel
@testable import LitmusRunner
import Testing

/// Items are released in one order, so that every run of a script makes the same calls.
@Suite struct NumberedItemsTests {
  private final class Item {
    let number: Int
    let released: Guarded<[Int]>

    init(_ number: Int, _ released: Guarded<[Int]>) {
      (self.number, self.released) = (number, released)
    }

    deinit { released.withLock { $0.append(number) } }
  }

  @Test func itemsAreReleasedInTheirOrder() {
    let released = Guarded<[Int]>([])
    do {
      var items = NumberedItems<Item>()
      for number in [0, 5, 2, 9, 7] { items[number] = Item(number, released) }
      items[2] = nil
      #expect(items.numbers == [0, 5, 7, 9] && items[3] == nil && items[99] == nil)
    }
    #expect(released.withLock { $0 } == [2, 0, 5, 7, 9])
  }
}
