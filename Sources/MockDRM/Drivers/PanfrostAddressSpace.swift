// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The GPU addresses of one open file: `struct panfrost_mmu`.
final class PanfrostAddressSpace {
  private struct Place {
    let range: Range<UInt64>
    // Its mapping keeps it, and takes the place away.
    unowned let buffer: MockBuffer
  }

  // In bytes: nothing below 32 MiB, nothing past 4 GiB.
  private static let all: Range<UInt64> = 32 << 20..<4 << 30
  // By address.
  private var places: [Place] = []

  /// A piece of a BO.
  struct Part {
    let buffer: MockBuffer
    let range: Range<Int>
  }

  /// Takes the lowest addresses that a BO fits at; ENOSPC where it fits nowhere.
  fileprivate func insert(_ buffer: MockBuffer) throws(Errno) -> Range<UInt64> {
    let large: UInt64 = 2 << 20
    let alignment = buffer.size >= large ? large : UInt64(buffer.device.profile.pageSize)
    var start = Self.all.lowerBound
    var index = 0
    for place in places {
      if start + buffer.size <= place.range.lowerBound { break }
      start = max(start, (place.range.upperBound + alignment - 1) / alignment * alignment)
      index += 1
    }
    guard start + buffer.size <= Self.all.upperBound else { throw .ENOSPC }
    let range = start..<start + buffer.size
    places.insert(Place(range: range, buffer: buffer), at: index)
    return range
  }

  fileprivate func remove(_ range: Range<UInt64>) {
    places.removeAll { $0.range == range }
  }

  /// Answers what lies at some addresses, piece by piece; nil where anything is not mapped.
  func parts(_ address: UInt64, count: Int) -> [Part]? {
    let (end, overflow) = address.addingReportingOverflow(UInt64(count))
    guard !overflow else { return nil }
    var parts: [Part] = []
    var next = address
    for place in places where next < end && place.range.contains(next) {
      let start = next - place.range.lowerBound
      next = min(end, place.range.upperBound)
      parts.append(
        Part(
          buffer: place.buffer, range: Int(start)..<Int(next - place.range.lowerBound)))
    }
    return next == end ? parts : nil
  }
}

/// A BO's place in an address space, for as long as a handle or a job has it: `struct panfrost_gem_mapping`.
final class PanfrostMapping {
  let buffer: MockBuffer
  let range: Range<UInt64>
  private let space: PanfrostAddressSpace

  init(of buffer: MockBuffer, in space: PanfrostAddressSpace) throws(Errno) {
    self.buffer = buffer
    self.space = space
    range = try space.insert(buffer)
  }

  deinit { space.remove(range) }
}
