// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel
internal import UAPILayouts

#if canImport(Glibc)
  internal import Glibc
#endif

extension CallPlayer {
  /// Maps bytes of a file, never at a fixed address.
  func map(
    _ length: Int, _ protection: CInt, _ flags: CInt, _ descriptor: Call.Descriptor,
    _ offset: Call.Offset
  ) -> CallOutcome {
    let start =
      switch offset {
      case .literal(let value): value
      case .given(let identity, let delta):
        Int64(bitPattern: identities.fakeOffsets.value(of: identity) ?? 0) &+ delta
      }
    // A fixed address would replace memory of this process.
    let flags = flags & ~(MAP_FIXED | mapFixedNoReplace)
    let address = kernel.mmap(
      length: length, protection: protection, flags: flags, number(of: descriptor), offset: start)
    guard !(-4095..<0 ~= address) else { return CallOutcome(Int64(address)) }
    return CallOutcome(
      Int64(identities.mappings.add(address, length: length, protection: protection)))
  }

  /// Unmaps a range of the kernel's mappings, or memory of the player's own.
  func unmap(_ address: Call.Address, _ length: Int) -> CallOutcome {
    switch address {
    case .mapping(let identity, let delta):
      guard let entry = identities.mappings.entry(identity) else {
        return unmapElsewhere(length, isAligned: true)
      }
      let start = entry.address &+ delta
      guard let live = entry.live.first(where: { $0.contains(start) }) else {
        return unmapElsewhere(length, isAligned: start % Int(cdrm_page_size()) == 0)
      }
      let kept = min(length, live.upperBound - start)
      let result = kernel.munmap(start, length: kept)
      if result >= 0 { identities.mappings.remove(start, length: kept) }
      return CallOutcome(Int64(result))
    case .elsewhere(let isAligned): return unmapElsewhere(length, isAligned: isAligned)
    }
  }

  /// Unmaps memory that the player maps for this; a kernel cannot tell it from other memory.
  private func unmapElsewhere(_ length: Int, isAligned: Bool) -> CallOutcome {
    let kept = min(max(length, 0), CallRegion.limit)
    let room = max(kept, 1) + Int(cdrm_page_size())
    let start = cdrm_mmap(room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard !(-4095...0 ~= start) else { return CallOutcome(Int64(start)) }
    let result = kernel.munmap(isAligned ? start : start + 1, length: kept)
    // Unmaps only the rest: another thread may already have mapped the range that was unmapped.
    let page = Int(cdrm_page_size())
    let taken = result < 0 ? 0 : (kept + page - 1) / page * page
    if let rest = unsafe UnsafeMutableRawPointer(bitPattern: start + taken) {
      _ = unsafe cdrm_munmap(rest, room - taken)
    }
    return CallOutcome(Int64(result))
  }

  /// Writes bytes through a mapping; EFAULT where a store would raise a signal.
  func store(_ mapping: Int, _ offset: Int, _ bytes: [UInt8]) -> CallOutcome {
    guard let address = address(mapping, offset, bytes.count, PROT_WRITE) else {
      return .failure(.EFAULT)
    }
    do throws(Errno) {
      try kernel.storeBytes(bytes, at: address)
      return CallOutcome(0)
    } catch { return .failure(error) }
  }

  /// Maintains cache lines of a mapping; EFAULT for a range that does not lie within it.
  func maintain(
    _ mapping: Int, _ offset: Int, _ count: Int, _ operation: CacheOperation
  ) -> CallOutcome {
    guard let address = address(mapping, offset, count, PROT_READ | PROT_WRITE) else {
      return .failure(.EFAULT)
    }
    return CallOutcome(Int64(kernel.maintainCaches(operation, address, length: count)))
  }

  /// Reads bytes through a mapping; EFAULT where a load would raise a signal.
  func load(_ mapping: Int, _ offset: Int, _ count: Int) -> CallOutcome {
    guard let address = address(mapping, offset, count, PROT_READ) else { return .failure(.EFAULT) }
    do throws(Errno) {
      return CallOutcome(0, bytes: try kernel.fetchBytes(at: address, count: count))
    } catch { return .failure(error) }
  }

  private func address(
    _ mapping: Int, _ offset: Int, _ count: Int, _ access: CInt
  ) -> Int? {
    guard let entry = identities.mappings.entry(mapping), entry.protection & access != 0,
      offset >= 0, count >= 0
    else { return nil }
    let (start, wraps) = entry.address.addingReportingOverflow(offset)
    let (end, overflow) = start.addingReportingOverflow(count)
    guard !wraps, !overflow,
      entry.live.contains(where: { $0.contains(start) && end <= $0.upperBound })
    else { return nil }
    return start
  }
}

private let mapFixedNoReplace: CInt = 0x100000
