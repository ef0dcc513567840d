// SPDX-License-Identifier: MIT

/// A GPU address space, `struct panthor_vm`, which keeps the BOs alive that are mapped in it.
final class PanthorVM {
  /// The identity of a VM for its exclusive BOs, which keep it after the VM is destroyed.
  final class Root {}

  /// A mapped range of addresses.
  struct Mapping {
    let range: Range<UInt64>
    /// Nil for a sparse mapping, which reads as zero.
    let buffer: MockBuffer?
    /// The offset in the BO of the range's first address.
    let offset: UInt64
    let isReadOnly: Bool

    /// Returns the part of the mapping within another range; nil where they do not overlap.
    func part(in other: Range<UInt64>) -> Mapping? {
      let part = range.clamped(to: other)
      guard !part.isEmpty else { return nil }
      return Mapping(
        range: part, buffer: buffer, offset: offset + part.lowerBound - range.lowerBound,
        isReadOnly: isReadOnly)
    }
  }

  /// The BO and offset at an address; no BO for a sparse mapping.
  struct Place {
    let buffer: MockBuffer?
    let offset: Int
    let isReadOnly: Bool
  }

  /// The change that a bind makes.
  enum Change {
    case map(Mapping)
    case unmap(Range<UInt64>)
    /// SYNC_ONLY: it waits and signals.
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

  /// Unmaps everything; a group that still uses the VM sees only later binds.
  func destroy() {
    isDestroyed = true
    mappings.removeAll()
  }

  /// Returns the BO and offset at an address; nil where nothing is mapped.
  func place(at address: UInt64) -> Place? {
    guard let mapping = mappings.first(where: { $0.range.contains(address) }) else { return nil }
    return Place(
      buffer: mapping.buffer, offset: Int(mapping.offset + address - mapping.range.lowerBound),
      isReadOnly: mapping.isReadOnly)
  }

  /// Unmaps a range; the parts of mappings outside it remain.
  private func unmap(_ range: Range<UInt64>) {
    guard mappings.contains(where: { $0.range.overlaps(range) }) else { return }
    mappings = mappings.flatMap { mapping in
      [mapping.part(in: 0..<range.lowerBound), mapping.part(in: range.upperBound..<UInt64.max)]
        .compactMap { $0 }
    }
  }
}
