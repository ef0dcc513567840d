// SPDX-License-Identifier: MIT

internal import DRM

/// The job chains of one job: WRITE_VALUE descriptors, between runs of descriptors in BOs.
struct ChainLayout {
  private enum Chain {
    /// Consecutive descriptors of its own.
    case own(Range<Int>)
    /// A descriptor in a BO of the script, by its GPU address.
    case existing(UInt64)
  }

  // A chain writes at most 32 KiB, so that it ends far below the driver's time limit.
  private static let mostDescriptors = 4096

  private var writes: [(value: JobDescriptor.Value, address: UInt64)] = []
  private var chains: [Chain] = []

  /// Adds writes of bytes, each as wide as its address allows.
  mutating func write(_ bytes: [UInt8], at address: UInt64) {
    var position = 0
    while position < bytes.count {
      let value = Self.value(bytes[position...], at: address + UInt64(position))
      add(value, at: address + UInt64(position))
      position += value.size
    }
  }

  private mutating func add(_ value: JobDescriptor.Value, at address: UInt64) {
    writes.append((value, address))
    if case .own(let range) = chains.last, range.count < Self.mostDescriptors {
      chains[chains.count - 1] = .own(range.lowerBound..<writes.count)
    } else {
      chains.append(.own(writes.count - 1..<writes.count))
    }
  }

  /// Adds a run of the descriptor at a GPU address.
  mutating func run(_ address: UInt64) { chains.append(.existing(address)) }

  /// The number of its own descriptors.
  var count: Int { writes.count }

  /// The size of its own descriptors in bytes.
  var size: Int { max(count, 1) * JobDescriptor.size }

  /// Returns the words of its own descriptors, for a BO at a GPU address.
  func words(in base: UInt64) -> [UInt64] {
    var words: [UInt64] = []
    for case .own(let range) in chains {
      for index in range {
        let next = base + UInt64((index + 1) * JobDescriptor.size)
        let number = index - range.lowerBound
        // Jobs of a chain without a dependency can run at the same time.
        words +=
          JobDescriptor(
            .write(writes[index].value, at: writes[index].address), index: UInt16(number + 1),
            after: UInt16(number), next: index == range.upperBound - 1 ? 0 : next
          ).words
      }
    }
    return words
  }

  /// Returns the start address of each chain, in the order in which they run.
  func starts(in base: UInt64) -> [UInt64] {
    chains.map { chain in
      switch chain {
      case .existing(let address): address
      case .own(let range): base + UInt64(range.lowerBound * JobDescriptor.size)
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
