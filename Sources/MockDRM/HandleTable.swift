// SPDX-License-Identifier: MIT

/// Numbers from 1 up, the lowest free one first: the kernel's handle and id allocators.
struct HandleTable<Object> {
  private var slots: [Object?] = []
  // No slot before this one is free.
  private var firstCandidate = 0

  /// Takes the lowest free number.
  mutating func insert(_ object: Object) -> UInt32 {
    while firstCandidate < slots.count, slots[firstCandidate] != nil { firstCandidate += 1 }
    if firstCandidate == slots.count { slots.append(nil) }
    slots[firstCandidate] = object
    return UInt32(firstCandidate + 1)
  }

  /// Answers what has that number.
  subscript(number: UInt32) -> Object? {
    guard number > 0, number <= slots.count else { return nil }
    return slots[Int(number) - 1]
  }

  /// Frees a number and answers what had it.
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
