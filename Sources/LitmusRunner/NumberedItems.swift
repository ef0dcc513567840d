// SPDX-License-Identifier: MIT

/// Items by small numbers, which are released in the order of their numbers.
///
/// A dictionary releases its items in another order in every run, and the release of a BO is a call to the kernel.
struct NumberedItems<Item> {
  private var items: [Item?] = []

  subscript(number: Int) -> Item? {
    get { number < items.count ? items[number] : nil }
    set {
      while items.count <= number { items.append(nil) }
      items[number] = newValue
    }
  }

  /// The numbers that have an item, in ascending order.
  var numbers: [Int] { items.indices.filter { items[$0] != nil } }
}
