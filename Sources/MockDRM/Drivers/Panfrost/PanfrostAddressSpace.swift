// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The GPU addresses of one open file: `struct panfrost_mmu`.
final class PanfrostAddressSpace {
  private struct Place {
    let range: Range<UInt64>
    // Retained by the PanfrostMapping, which removes this place.
    unowned let buffer: MockBuffer
  }

  // From 32 MiB to 4 GiB: panfrost_mmu_ctx_create.
  private static let all: Range<UInt64> = 32 << 20..<4 << 30
  // Ascending by address.
  private var places: [Place] = []

  /// A range of bytes of a BO.
  struct Part {
    let buffer: MockBuffer
    let range: Range<Int>
  }

  /// Allocates the lowest free range that fits a BO, or throws ENOSPC.
  ///
  /// The kernel takes the smallest hole that fits: `drm_mm_insert_node_generic` with `DRM_MM_INSERT_BEST`.
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

  /// Returns the parts of BOs in a range of addresses; nil where any byte is not mapped.
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

/// A BO's GPU addresses, as long as a handle or job refers to it: `struct panfrost_gem_mapping`.
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
