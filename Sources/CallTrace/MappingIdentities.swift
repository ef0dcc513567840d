// SPDX-License-Identifier: MIT

internal import CDRM

/// The mappings that a kernel gave, by order of appearance, and what of them is still mapped.
struct MappingIdentities {
  /// One of them.
  struct Entry {
    let address: Int
    let protection: CInt
    /// What is still mapped, ascending, as addresses; whole pages.
    var live: [Range<Int>]
  }

  private static let page = Int(cdrm_page_size())
  private(set) var entries: [Entry] = []
  // Those with anything mapped: few at a time, however many there were.
  private var alive: [Int] = []

  /// Takes note of a new mapping and answers which one it is, from 1.
  mutating func give(_ address: Int, length: Int, protection: CInt) -> Int {
    let end = address &+ Self.roundedUp(length)
    entries.append(
      Entry(
        address: address, protection: protection,
        live: end > address ? [address..<end] : []))
    if end > address { alive.append(entries.count) }
    return entries.count
  }

  /// Takes note that one was given elsewhere and not here.
  mutating func giveNothing() {
    entries.append(Entry(address: 0, protection: 0, live: []))
  }

  /// Forgets the last one that was given, and answers what of it is still mapped.
  mutating func takeBack() -> [Range<Int>] {
    alive.removeAll { $0 == entries.count }
    return entries.popLast()?.live ?? []
  }

  /// Answers the mapping that an address lies in, from 1.
  func identity(of address: Int) -> Int? {
    alive.last { identity in
      entries[identity - 1].live.contains { $0.contains(address) }
    }
  }

  /// Answers the entry of one; nil where it was never given.
  func entry(_ identity: Int) -> Entry? {
    entries.indices.contains(identity - 1) ? entries[identity - 1] : nil
  }

  /// Takes note of addresses that are not mapped any more.
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

  /// Everything that is still mapped.
  var live: [Range<Int>] { alive.flatMap { entries[$0 - 1].live } }

  private static func roundedUp(_ length: Int) -> Int {
    length > 0 && length <= Int.max - page ? (length + page - 1) & ~(page - 1) : 0
  }
}
