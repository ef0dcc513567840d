// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

#if canImport(Glibc)
  internal import Glibc
#endif

extension CallPlayer {
  func map(
    _ length: Int, _ protection: CInt, _ flags: CInt, _ descriptor: Call.Descriptor,
    _ offset: Call.Offset
  ) -> Answer {
    let start =
      switch offset {
      case .literal(let value): value
      case .given(let identity, let delta):
        Int64(bitPattern: identities.fakeOffsets.value(of: identity) ?? 0) &+ delta
      }
    // A fixed address would replace what this process has there.
    let flags = flags & ~(MAP_FIXED | mapFixedNoReplace)
    let answer = kernel.mmap(
      length: length, protection: protection, flags: flags, number(of: descriptor), offset: start)
    guard !(-4095..<0 ~= answer) else { return Answer(Int64(answer)) }
    return Answer(
      Int64(identities.mappings.give(answer, length: length, protection: protection)))
  }

  /// Unmaps, but never what the kernel did not map: such memory is this process's own.
  func unmap(_ address: Call.Address, _ length: Int) -> Answer {
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
      let answer = kernel.munmap(start, length: kept)
      if answer >= 0 { identities.mappings.remove(start, length: kept) }
      return Answer(Int64(answer))
    case .elsewhere(let isAligned): return unmapElsewhere(length, isAligned: isAligned)
    }
  }

  /// Unmaps memory of the player's own, which a kernel takes for any other.
  private func unmapElsewhere(_ length: Int, isAligned: Bool) -> Answer {
    let kept = min(max(length, 0), CallRegion.limit)
    let room = max(kept, 1) + Int(cdrm_page_size())
    let start = cdrm_mmap(room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard !(-4095...0 ~= start) else { return Answer(Int64(start)) }
    let answer = kernel.munmap(isAligned ? start : start + 1, length: kept)
    // Only what that left: another thread may have what it took already.
    let page = Int(cdrm_page_size())
    let taken = answer < 0 ? 0 : (kept + page - 1) / page * page
    if let rest = unsafe UnsafeMutableRawPointer(bitPattern: start + taken) {
      _ = unsafe cdrm_munmap(rest, room - taken)
    }
    return Answer(Int64(answer))
  }

  /// Writes bytes through a mapping; EFAULT where that would end the process.
  func store(_ mapping: Int, _ offset: Int, _ bytes: [UInt8]) -> Answer {
    guard let address = address(mapping, offset, bytes.count, PROT_WRITE) else {
      return Answer(Int64(Errno.EFAULT.answer))
    }
    do throws(Errno) {
      try kernel.storeBytes(bytes, at: address)
      return Answer(0)
    } catch { return Answer(Int64(error.answer)) }
  }

  /// Reads bytes through a mapping; EFAULT where that would end the process.
  func load(_ mapping: Int, _ offset: Int, _ count: Int) -> Answer {
    guard let address = address(mapping, offset, count, PROT_READ) else {
      return Answer(Int64(Errno.EFAULT.answer))
    }
    do throws(Errno) {
      return Answer(0, bytes: try kernel.fetchBytes(at: address, count: count))
    } catch { return Answer(Int64(error.answer)) }
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
