// SPDX-License-Identifier: MIT

internal import DRMKernel

/// The fake mmap offsets of one device, one range of pages per BO: `drm_vma_manager.c`.
///
/// All open files share the offsets. They start above 4 GiB, the range of 32-bit legacy maps.
final class OffsetSpace {
  private struct Resident {
    weak var buffer: MockBuffer?
  }

  private let pageSize: UInt64
  // Free page ranges: ascending, not empty, not adjacent.
  private var free: [Range<UInt64>]
  private var residents: [UInt64: Resident] = [:]

  init(pageSize: Int) {
    self.pageSize = UInt64(pageSize)
    let pagesBelow4GiB = 0xffff_ffff / self.pageSize
    let start = pagesBelow4GiB + 1
    free = [start..<(start + pagesBelow4GiB * 256)]
  }

  /// Reserves the lowest range that fits and returns its offset in bytes; throws ENOSPC where none fits.
  func insert(_ buffer: MockBuffer, size: UInt64) throws(Errno) -> UInt64 {
    let pages = size / pageSize
    guard pages > 0, let hole = free.firstIndex(where: { UInt64($0.count) >= pages }) else {
      throw .ENOSPC
    }
    let start = free[hole].lowerBound
    let rest = (start + pages)..<free[hole].upperBound
    if rest.isEmpty { free.remove(at: hole) } else { free[hole] = rest }
    residents[start] = Resident(buffer: buffer)
    return start * pageSize
  }

  /// Frees the range of a BO.
  func remove(offset: UInt64, size: UInt64) {
    let start = offset / pageSize
    var range = start..<(start + size / pageSize)
    residents[start] = nil
    var index = free.firstIndex { $0.lowerBound >= range.upperBound } ?? free.count
    if index < free.count, free[index].lowerBound == range.upperBound {
      range = range.lowerBound..<free.remove(at: index).upperBound
    }
    if index > 0, free[index - 1].upperBound == range.lowerBound {
      index -= 1
      range = free.remove(at: index).lowerBound..<range.upperBound
    }
    free.insert(range, at: index)
  }

  /// Returns the BO whose range starts at an offset in bytes.
  func buffer(at offset: UInt64) -> MockBuffer? {
    guard offset.isMultiple(of: pageSize) else { return nil }
    return residents[offset / pageSize]?.buffer
  }
}
