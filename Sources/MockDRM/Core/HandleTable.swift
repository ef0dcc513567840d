// SPDX-License-Identifier: MIT

/// Objects by number from 1; a new object gets the lowest free number: `idr_alloc`, `xa_alloc`.
struct HandleTable<Object> {
  private var slots: [Object?] = []
  // No slot before this one is free.
  private var firstCandidate = 0

  /// Adds an object and returns its number, the lowest that is free.
  mutating func insert(_ object: Object) -> UInt32 {
    while firstCandidate < slots.count, slots[firstCandidate] != nil { firstCandidate += 1 }
    if firstCandidate == slots.count { slots.append(nil) }
    slots[firstCandidate] = object
    return UInt32(firstCandidate + 1)
  }

  /// The object with a number; nil without one.
  subscript(number: UInt32) -> Object? {
    guard number > 0, number <= slots.count else { return nil }
    return slots[Int(number) - 1]
  }

  /// Frees a number and returns its object; without `reuse` the number is not used again.
  mutating func remove(_ number: UInt32, reuse: Bool = true) -> Object? {
    guard let object = self[number] else { return nil }
    slots[Int(number) - 1] = nil
    guard reuse else { return object }
    firstCandidate = min(firstCandidate, Int(number) - 1)
    return object
  }

  /// The numbers in use, ascending.
  var numbers: [UInt32] {
    slots.indices.compactMap { slots[$0] == nil ? nil : UInt32($0 + 1) }
  }
}
