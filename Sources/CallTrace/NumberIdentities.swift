// SPDX-License-Identifier: MIT

/// Numbers that a kernel gives to BOs, such as fake offsets, by order of appearance.
///
/// Which hole an allocator fills is its own affair: once every handle that a number was given to is
/// closed, the same number is something new.
struct NumberIdentities {
  /// A handle of an open file.
  struct Owner: Hashable {
    let file: Int
    let handle: UInt64
  }

  /// A number in a space of numbers: those of a device, or of a file.
  struct Key: Hashable {
    let space: Int
    let value: UInt64
  }

  private(set) var keys: [Key] = []
  // Which one a number was last, whether or not it still is.
  private var last: [Key: Int] = [:]
  private var owners: [Key: Set<Owner>] = [:]
  private var owned: [Int: [Owner: Set<Key>]] = [:]

  /// Takes note of a number that was given to a handle, and answers which one it is, from 1.
  mutating func give(_ value: UInt64, in space: Int, to owner: Owner) -> Int {
    let key = Key(space: space, value: value)
    let known = owners[key] == nil ? nil : last[key]
    owners[key, default: []].insert(owner)
    owned[owner.file, default: [:]][owner, default: []].insert(key)
    if let known { return known }
    keys.append(key)
    last[key] = keys.count
    return keys.count
  }

  /// Makes as many known as were given elsewhere: those that were not given here name nothing.
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

  /// Answers which one a number was last.
  func identity(of value: UInt64, in space: Int) -> Int? {
    last[Key(space: space, value: value)]
  }

  /// Answers which one a number was first in any space.
  func identity(of value: UInt64) -> Int? {
    keys.firstIndex { $0.value == value && $0.space >= 0 }.map { $0 + 1 }
  }

  /// Answers the nearest number below that was given in a space, within `distance`.
  func nearest(below value: UInt64, in space: Int, within distance: UInt64) -> Int? {
    var best: Int?
    for (index, key) in keys.enumerated() where key.space == space && key.value <= value {
      guard value - key.value < distance else { continue }
      if let current = best, keys[current - 1].value > key.value { continue }
      best = index + 1
    }
    return best
  }

  /// Answers the number of one; nil where it was never given.
  func value(of identity: Int) -> UInt64? {
    keys.indices.contains(identity - 1) ? keys[identity - 1].value : nil
  }

  /// Forgets what was given to a handle.
  mutating func forget(file: Int, handle: UInt64) {
    let owner = Owner(file: file, handle: handle)
    for key in owned[file]?.removeValue(forKey: owner) ?? [] { drop(owner, of: key) }
  }

  /// Forgets what was given to the handles of a file.
  mutating func forget(file: Int) {
    for (owner, keys) in owned.removeValue(forKey: file) ?? [:] {
      for key in keys { drop(owner, of: key) }
    }
  }

  private mutating func drop(_ owner: Owner, of key: Key) {
    owners[key]?.remove(owner)
    if owners[key]?.isEmpty == true { owners[key] = nil }
  }
}
