// SPDX-License-Identifier: MIT

/// Numbers that a kernel assigns to BOs, such as fake offsets, by order of appearance.
///
/// An allocator may reuse numbers in any order. So once every handle with a number is closed, the same
/// number counts as a new one.
struct NumberIdentities {
  /// A handle of an open file.
  struct Owner: Hashable {
    let file: Int
    let handle: UInt64
  }

  /// A number in the address space of a device or of a file.
  struct Key: Hashable {
    let space: Int
    let value: UInt64
  }

  private(set) var keys: [Key] = []
  // The last order of appearance of each number.
  private var last: [Key: Int] = [:]
  private var owners: [Key: Set<Owner>] = [:]
  private var owned: [Int: [Owner: Set<Key>]] = [:]

  /// Adds a number that a handle has, and returns its order of appearance, from 1.
  mutating func add(_ value: UInt64, in space: Int, to owner: Owner) -> Int {
    let key = Key(space: space, value: value)
    let known = owners[key] == nil ? nil : last[key]
    owners[key, default: []].insert(owner)
    owned[owner.file, default: [:]][owner, default: []].insert(key)
    if let known { return known }
    keys.append(key)
    last[key] = keys.count
    return keys.count
  }

  /// Adds unassigned numbers, or removes the last ones, until there are `count`.
  mutating func align(with count: Int) {
    while keys.count < count { keys.append(Key(space: -1, value: 0)) }
    while keys.count > count {
      let key = keys.removeLast()
      if last[key] == keys.count + 1 { last[key] = nil }
      for owner in owners.removeValue(forKey: key) ?? [] {
        owned[owner.file]?[owner]?.remove(key)
      }
    }
  }

  /// Returns the last order of appearance of a number.
  func identity(of value: UInt64, in space: Int) -> Int? {
    last[Key(space: space, value: value)]
  }

  /// Returns the first order of appearance of a number in any space.
  func identity(of value: UInt64) -> Int? {
    keys.firstIndex { $0.value == value && $0.space >= 0 }.map { $0 + 1 }
  }

  /// Returns the order of appearance of the greatest number of a space at most `distance` below.
  func nearest(below value: UInt64, in space: Int, within distance: UInt64) -> Int? {
    var best: Int?
    for (index, key) in keys.enumerated() where key.space == space && key.value <= value {
      guard value - key.value < distance else { continue }
      if let current = best, keys[current - 1].value > key.value { continue }
      best = index + 1
    }
    return best
  }

  /// Returns the number with an order of appearance; nil for an unknown one.
  func value(of identity: Int) -> UInt64? {
    keys.indices.contains(identity - 1) ? keys[identity - 1].value : nil
  }

  /// Removes the numbers of a handle.
  mutating func remove(file: Int, handle: UInt64) {
    let owner = Owner(file: file, handle: handle)
    for key in owned[file]?.removeValue(forKey: owner) ?? [] { release(key, owner) }
  }

  /// Removes the numbers of a file's handles.
  mutating func remove(file: Int) {
    for (owner, keys) in owned.removeValue(forKey: file) ?? [:] {
      for key in keys { release(key, owner) }
    }
  }

  private mutating func release(_ key: Key, _ owner: Owner) {
    owners[key]?.remove(owner)
    if owners[key]?.isEmpty == true { owners[key] = nil }
  }
}
