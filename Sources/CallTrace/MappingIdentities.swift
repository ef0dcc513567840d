// SPDX-License-Identifier: MIT

internal import CDRM

/// The mappings that a kernel returned, by order of appearance, with the ranges still mapped.
struct MappingIdentities {
  /// A mapping.
  struct Entry {
    let address: Int
    let protection: CInt
    /// The addresses that are still mapped, in ascending order; whole pages.
    var live: [Range<Int>]
  }

  private static let page = Int(cdrm_page_size())
  private(set) var entries: [Entry] = []
  // The mappings with anything still mapped, which are few.
  private var alive: [Int] = []

  /// Adds a new mapping and returns its order of appearance, from 1.
  mutating func add(_ address: Int, length: Int, protection: CInt) -> Int {
    let end = address &+ Self.roundedUp(length)
    entries.append(
      Entry(
        address: address, protection: protection,
        live: end > address ? [address..<end] : []))
    if end > address { alive.append(entries.count) }
    return entries.count
  }

  /// Adds a mapping that only the recorded kernel returned; it has no addresses here.
  mutating func addMissing() {
    entries.append(Entry(address: 0, protection: 0, live: []))
  }

  /// Removes the last mapping, and returns its ranges that are still mapped.
  mutating func removeLast() -> [Range<Int>] {
    alive.removeAll { $0 == entries.count }
    return entries.popLast()?.live ?? []
  }

  /// Returns the order of appearance of the mapping at an address, from 1.
  func identity(of address: Int) -> Int? {
    alive.last { identity in
      entries[identity - 1].live.contains { $0.contains(address) }
    }
  }

  /// Returns the mapping with an order of appearance; nil for an unknown one.
  func entry(_ identity: Int) -> Entry? {
    entries.indices.contains(identity - 1) ? entries[identity - 1] : nil
  }

  /// Removes an unmapped range.
  mutating func remove(_ address: Int, length: Int) {
    let (end, overflow) = address.addingReportingOverflow(Self.roundedUp(length))
    guard !overflow, end > address else { return }
    for identity in alive {
      entries[identity - 1].live = entries[identity - 1].live.flatMap { range in
        [
          range.lowerBound..<min(range.upperBound, max(range.lowerBound, address)),
          max(range.lowerBound, min(range.upperBound, end))..<range.upperBound,
        ].filter { !$0.isEmpty }
      }
    }
    alive.removeAll { entries[$0 - 1].live.isEmpty }
  }

  /// All ranges that are still mapped.
  var live: [Range<Int>] { alive.flatMap { entries[$0 - 1].live } }

  private static func roundedUp(_ length: Int) -> Int {
    length > 0 && length <= Int.max - page ? (length + page - 1) & ~(page - 1) : 0
  }
}
