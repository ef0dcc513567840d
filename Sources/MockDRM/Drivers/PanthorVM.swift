// SPDX-License-Identifier: MIT

/// A GPU address space: what is mapped in it stays alive.
final class PanthorVM {
  /// What BOs of its own share; it outlives the VM with them.
  final class Root {}

  /// What a range of addresses shows.
  struct Mapping {
    let range: Range<UInt64>
    /// Nil for a sparse mapping, which reads as zero.
    let buffer: MockBuffer?
    /// The BO's byte at the range's begin.
    let offset: UInt64
    let isReadOnly: Bool

    /// What of it lies in another range; nil where nothing does.
    func part(in other: Range<UInt64>) -> Mapping? {
      let part = range.clamped(to: other)
      guard !part.isEmpty else { return nil }
      return Mapping(
        range: part, buffer: buffer, offset: offset + part.lowerBound - range.lowerBound,
        isReadOnly: isReadOnly)
    }
  }

  /// What is at an address.
  struct Place {
    let buffer: MockBuffer?
    let offset: Int
    let isReadOnly: Bool
  }

  /// What a bind does.
  enum Change {
    case map(Mapping)
    case unmap(Range<UInt64>)
    /// It only waits, and signals.
    case none
  }

  let userRange: UInt64
  let root = Root()
  private(set) var isDestroyed = false
  private var mappings: [Mapping] = []

  init(userRange: UInt64) {
    self.userRange = userRange
  }

  func apply(_ change: Change) {
    switch change {
    case .map(let mapping):
      unmap(mapping.range)
      mappings.append(mapping)
    case .unmap(let range): unmap(range)
    case .none: break
    }
  }

  /// Unmaps everything; who uses it still has nothing left there, but what is bound later.
  func destroy() {
    isDestroyed = true
    mappings.removeAll()
  }

  /// Answers what is at an address; nil where nothing is mapped.
  func place(at address: UInt64) -> Place? {
    guard let mapping = mappings.first(where: { $0.range.contains(address) }) else { return nil }
    return Place(
      buffer: mapping.buffer, offset: Int(mapping.offset + address - mapping.range.lowerBound),
      isReadOnly: mapping.isReadOnly)
  }

  /// Unmaps a range; what reaches out of it stays mapped there.
  private func unmap(_ range: Range<UInt64>) {
    mappings = mappings.flatMap { mapping in
      [mapping.part(in: 0..<range.lowerBound), mapping.part(in: range.upperBound..<UInt64.max)]
        .compactMap { $0 }
    }
  }
}
