// SPDX-License-Identifier: MIT

internal import DRM

/// The job chains of one job: WRITE_VALUE descriptors, between runs of descriptors in BOs.
struct ChainLayout {
  private enum Part {
    /// A chain of its own descriptors.
    case chain([(value: JobDescriptor.Value, address: UInt64)])
    /// A descriptor in a BO of the script, by its GPU address.
    case existing(UInt64)
  }

  private var parts: [Part] = []

  /// Adds writes of bytes, each as wide as its address allows.
  mutating func write(_ bytes: [UInt8], at address: UInt64) {
    var writes: [(JobDescriptor.Value, UInt64)] = []
    var position = 0
    while position < bytes.count {
      let value = Self.value(bytes[position...], at: address + UInt64(position))
      writes.append((value, address + UInt64(position)))
      position += value.size
    }
    if case .chain(let before) = parts.last {
      parts[parts.count - 1] = .chain(before + writes)
    } else {
      parts.append(.chain(writes))
    }
  }

  /// Adds a run of the descriptor at a GPU address.
  mutating func run(_ address: UInt64) { parts.append(.existing(address)) }

  /// The number of its own descriptors.
  var count: Int {
    parts.reduce(0) { count, part in
      if case .chain(let writes) = part { count + writes.count } else { count }
    }
  }

  /// The size of its own descriptors in bytes.
  var size: Int { max(count, 1) * JobDescriptor.size }

  /// Returns its own descriptors, for a BO at a GPU address.
  func descriptors(in base: UInt64) -> [JobDescriptor] {
    var descriptors: [JobDescriptor] = []
    for case .chain(let writes) in parts {
      for (index, write) in writes.enumerated() {
        let next = base + UInt64((descriptors.count + 1) * JobDescriptor.size)
        // Jobs of a chain without a dependency can run at the same time.
        descriptors.append(
          JobDescriptor(
            .write(write.value, at: write.address), index: UInt16(index + 1),
            after: UInt16(index), next: index == writes.count - 1 ? 0 : next))
      }
    }
    return descriptors
  }

  /// Returns the start address of each chain, in the order in which they run.
  func starts(in base: UInt64) -> [UInt64] {
    var before = 0
    return parts.map { part in
      switch part {
      case .existing(let address): return address
      case .chain(let writes):
        defer { before += writes.count }
        return base + UInt64(before * JobDescriptor.size)
      }
    }
  }

  private static func value(_ bytes: ArraySlice<UInt8>, at address: UInt64) -> JobDescriptor.Value {
    func word(_ size: Int) -> UInt64 {
      bytes.prefix(size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    let fits = { (size: Int) in bytes.count >= size && address % UInt64(size) == 0 }
    if fits(8) { return .immediate64(word(8)) }
    if fits(4) { return .immediate32(UInt32(word(4))) }
    if fits(2) { return .immediate16(UInt16(word(2))) }
    return .immediate8(UInt8(word(1)))
  }
}
