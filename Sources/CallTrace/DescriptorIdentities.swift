// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The descriptors that a kernel returned, by order of appearance.
struct DescriptorIdentities {
  /// A descriptor.
  struct Entry {
    let number: CInt
    /// The open file that it names, by order of appearance; duplicates share one.
    let file: Int
    /// The device whose node it names, from 1; 0 for other files.
    let device: Int
    var isOpen = true
  }

  private(set) var entries: [Entry] = []
  private var open: [CInt: Int] = [:]
  private var last: [CInt: Int] = [:]
  private var openCounts: [Int: Int] = [:]
  private var files = 0

  /// Adds a new descriptor and returns its order of appearance, from 1.
  mutating func add(_ number: CInt, device: Int = 0, duplicateOf other: CInt? = nil) -> Int {
    let original = other.flatMap { entry($0) }
    if original == nil { files += 1 }
    let file = original?.file ?? files
    // A number that the kernel returns again was closed without a call to this kernel.
    if let old = open[number] { entries[old - 1].isOpen = false }
    entries.append(Entry(number: number, file: file, device: original?.device ?? device))
    openCounts[file, default: 0] += 1
    open[number] = entries.count
    last[number] = entries.count
    return entries.count
  }

  /// Adds a descriptor that only the recorded kernel returned; it names no file here.
  mutating func addMissing() {
    files += 1
    entries.append(Entry(number: -1, file: files, device: 0, isOpen: false))
  }

  /// Removes the last descriptor, and returns its number if it is still open.
  mutating func removeLast() -> CInt? {
    guard let entry = entries.last else { return nil }
    if entry.isOpen { _ = close(entry.number) }
    entries.removeLast()
    if last[entry.number] == entries.count + 1 { last[entry.number] = nil }
    return entry.isOpen ? entry.number : nil
  }

  /// Returns the open descriptor with a number.
  func entry(_ number: CInt) -> Entry? {
    open[number].map { entries[$0 - 1] }
  }

  /// Returns the order of appearance of the open descriptor with a number, from 1.
  func identity(of number: CInt) -> Int? { open[number] }

  /// Returns the order of appearance of the last descriptor with a number, open or not, from 1.
  func lastIdentity(of number: CInt) -> Int? { last[number] }

  /// Returns the descriptor with an order of appearance, open or not; nil for an unknown one.
  func entry(ofIdentity identity: Int) -> Entry? {
    entries.indices.contains(identity - 1) ? entries[identity - 1] : nil
  }

  /// Marks a descriptor closed, and returns its file if that has no other descriptor.
  mutating func close(_ number: CInt) -> Int? {
    guard let identity = open.removeValue(forKey: number) else { return nil }
    entries[identity - 1].isOpen = false
    let file = entries[identity - 1].file
    let left = (openCounts[file] ?? 1) - 1
    openCounts[file] = left > 0 ? left : nil
    return left > 0 ? nil : file
  }

  /// Marks a descriptor open again that could not be closed.
  mutating func reopen(_ identity: Int) {
    let entry = entries[identity - 1]
    entries[identity - 1].isOpen = true
    open[entry.number] = identity
    openCounts[entry.file, default: 0] += 1
  }

  /// The numbers of the open descriptors, by order of appearance.
  var openNumbers: [CInt] { entries.filter(\.isOpen).map(\.number) }
}

/// A number for each device, from 1, by the paths of its nodes.
struct NodeNumbers {
  private var numbers: [String: Int] = [:]
  private var count = 0

  /// Numbers the devices that a kernel lists.
  init(_ kernel: Kernel) {
    for entry in kernel.devices() {
      count += 1
      for path in [entry.primaryNode, entry.renderNode] {
        if let path { numbers[path] = count }
      }
    }
  }

  /// Returns the number of a path's device; each path that the kernel does not list is a device.
  mutating func device(of path: String) -> Int {
    if let number = numbers[path] { return number }
    count += 1
    numbers[path] = count
    return count
  }
}
