// SPDX-License-Identifier: MIT

/// The descriptors that a kernel gave, by order of appearance.
struct DescriptorIdentities {
  /// One of them.
  struct Entry {
    let number: CInt
    /// Which open file it names, by order of appearance: duplicates share one.
    let file: Int
    /// Which device's node it is, from 1; 0 where it is none.
    let device: Int
    var isOpen = true
  }

  private(set) var entries: [Entry] = []
  private var open: [CInt: Int] = [:]
  private var last: [CInt: Int] = [:]
  private var openCounts: [Int: Int] = [:]
  private var files = 0

  /// Takes note of a new descriptor and answers which one it is, from 1.
  mutating func give(_ number: CInt, device: Int = 0, duplicateOf other: CInt? = nil) -> Int {
    let original = other.flatMap { entry($0) }
    if original == nil { files += 1 }
    let file = original?.file ?? files
    // A number that is given again was closed by someone who did not ask here.
    if let old = open[number] { entries[old - 1].isOpen = false }
    entries.append(Entry(number: number, file: file, device: original?.device ?? device))
    openCounts[file, default: 0] += 1
    open[number] = entries.count
    last[number] = entries.count
    return entries.count
  }

  /// Takes note that one was given elsewhere and not here: it names nothing.
  mutating func giveNothing() {
    files += 1
    entries.append(Entry(number: -1, file: files, device: 0, isOpen: false))
  }

  /// Forgets the last one that was given, and answers its number where that is still open.
  mutating func takeBack() -> CInt? {
    guard let entry = entries.last else { return nil }
    if entry.isOpen { _ = close(entry.number) }
    entries.removeLast()
    if last[entry.number] == entries.count + 1 { last[entry.number] = nil }
    return entry.isOpen ? entry.number : nil
  }

  /// Answers the entry that a number names now.
  func entry(_ number: CInt) -> Entry? {
    open[number].map { entries[$0 - 1] }
  }

  /// Answers which one a number names now, from 1.
  func identity(of number: CInt) -> Int? { open[number] }

  /// Answers which one a number named last, from 1, whether or not it is still open.
  func lastIdentity(of number: CInt) -> Int? { last[number] }

  /// Answers one of them, whether or not it is still open; nil where it was never given.
  func entry(ofIdentity identity: Int) -> Entry? {
    entries.indices.contains(identity - 1) ? entries[identity - 1] : nil
  }

  /// Forgets a number, and answers the file where it was its last.
  mutating func close(_ number: CInt) -> Int? {
    guard let identity = open.removeValue(forKey: number) else { return nil }
    entries[identity - 1].isOpen = false
    let file = entries[identity - 1].file
    let left = (openCounts[file] ?? 1) - 1
    openCounts[file] = left > 0 ? left : nil
    return left > 0 ? nil : file
  }

  /// Gives a number back that could not be closed.
  mutating func reopen(_ identity: Int) {
    let entry = entries[identity - 1]
    entries[identity - 1].isOpen = true
    open[entry.number] = identity
    openCounts[entry.file, default: 0] += 1
  }

  /// The numbers that are open, in the order they were given.
  var openNumbers: [CInt] { entries.filter(\.isOpen).map(\.number) }
}
