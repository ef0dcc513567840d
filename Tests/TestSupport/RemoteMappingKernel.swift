// SPDX-License-Identifier: MIT

public import DRMKernel

/// A kernel whose mappings are not memory of this process, as on a machine that is reached over a wire.
///
/// `mmap` returns addresses that no process can have, so a load or store through one ends the process.
/// Fetches and stores copy from and to the mapping that the other kernel made.
public final class RemoteMappingKernel: ForwardingKernel, @unchecked Sendable {
  // Sendable as its superclass: the table is guarded.

  private struct Mappings {
    var next = Int.max / 2 + 1
    /// The other kernel's address of each mapping, by the range of addresses that it has here.
    var ranges: [Range<Int>: Int] = [:]
  }

  private let mappings = Guarded(Mappings())
  private let failure: CInt
  private let transfers = Guarded((fetched: 0, stored: 0))

  /// Creates a kernel; where `failure` is an errno, fetches and stores return it.
  public init(_ base: Kernel, failingWith failure: Errno? = nil) {
    self.failure = failure?.answer ?? 0
    super.init(base)
  }

  /// The number of bytes that were fetched and stored.
  public var transferred: (fetched: Int, stored: Int) { transfers.withLock { $0 } }

  public override var mapsIntoProcess: Bool { false }

  public override func mmap(
    length: Int, protection: CInt, flags: CInt, _ descriptor: CInt, offset: Int64
  ) -> Int {
    let answer = super.mmap(
      length: length, protection: protection, flags: flags, descriptor, offset: offset)
    guard !(-4095...0 ~= answer) else { return answer }
    let page = pageSize
    return mappings.withLock { mappings in
      let start = mappings.next
      // A page stays free, so that a range that ends past its mapping is in none.
      mappings.next += (length / page + 2) * page
      mappings.ranges[start..<start + length] = answer
      return start
    }
  }

  public override func munmap(_ address: Int, length: Int) -> CInt {
    guard let actual = actual(address, length: length) else {
      return super.munmap(address, length: length)
    }
    mappings.withLock { $0.ranges[address..<address + length] = nil }
    return super.munmap(actual, length: length)
  }

  public override func fetch(
    _ target: UnsafeMutableRawBufferPointer, from address: Int
  ) -> CInt {
    guard failure == 0 else { return failure }
    guard let actual = actual(address, length: target.count) else { return Errno.EFAULT.answer }
    transfers.withLock { $0.fetched += target.count }
    return unsafe super.fetch(target, from: actual)
  }

  public override func store(_ source: UnsafeRawBufferPointer, at address: Int) -> CInt {
    guard failure == 0 else { return failure }
    guard let actual = actual(address, length: source.count) else { return Errno.EFAULT.answer }
    transfers.withLock { $0.stored += source.count }
    return unsafe super.store(source, at: actual)
  }

  public override func maintainCaches(
    _ operation: CacheOperation, _ address: Int, length: Int
  ) -> CInt {
    guard let actual = actual(address, length: length) else { return Errno.EFAULT.answer }
    return super.maintainCaches(operation, actual, length: length)
  }

  /// The other kernel's address of bytes of one mapping; nil where they do not lie within one.
  private func actual(_ address: Int, length: Int) -> Int? {
    mappings.withLock { mappings in
      for (range, actual) in mappings.ranges
      where range.lowerBound <= address && address + length <= range.upperBound {
        return actual + (address - range.lowerBound)
      }
      return nil
    }
  }
}
