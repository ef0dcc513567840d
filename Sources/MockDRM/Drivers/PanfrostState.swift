// SPDX-License-Identifier: MIT

internal import DRMKernel

/// What panfrost keeps for each open file: the GPU address space.
final class PanfrostFileState {
  private struct Mapping {
    let range: Range<UInt64>
    var handles: Int
  }

  // In bytes: nothing below 32 MiB, nothing past 4 GiB.
  private static let space: Range<UInt64> = 32 << 20..<4 << 30
  private var mappings: [ObjectIdentifier: Mapping] = [:]

  /// Maps a BO at the lowest address that fits; ENOSPC where none does.
  func map(_ buffer: MockBuffer) throws(Errno) {
    let key = ObjectIdentifier(buffer)
    if mappings[key] != nil {
      mappings[key]?.handles += 1
      return
    }
    let large: UInt64 = 2 << 20
    let alignment = buffer.size >= large ? large : UInt64(buffer.device.profile.pageSize)
    var start = Self.space.lowerBound
    for taken in mappings.values.map(\.range).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if start + buffer.size <= taken.lowerBound { break }
      start = max(start, (taken.upperBound + alignment - 1) / alignment * alignment)
    }
    guard start + buffer.size <= Self.space.upperBound else { throw .ENOSPC }
    mappings[key] = Mapping(range: start..<start + buffer.size, handles: 1)
  }

  /// Unmaps a BO with its last handle.
  func unmap(_ buffer: MockBuffer) {
    let key = ObjectIdentifier(buffer)
    mappings[key]?.handles -= 1
    if mappings[key]?.handles == 0 { mappings[key] = nil }
  }

  /// Answers a BO's GPU address, or EINVAL where it has none.
  func offset(of buffer: MockBuffer) throws(Errno) -> UInt64 {
    guard let mapping = mappings[ObjectIdentifier(buffer)] else { throw .EINVAL }
    return mapping.range.lowerBound
  }
}

/// What panfrost keeps for each BO.
final class PanfrostBufferState {
  /// In how many files it is mapped.
  var mappings = 0
  /// What MADVISE was told last; negative once it counts as purged.
  var advice: Int32 = 0
}

extension MockFile {
  var panfrost: PanfrostFileState {
    guard let state = driverState as? PanfrostFileState else {
      preconditionFailure("the file belongs to another driver")
    }
    return state
  }
}

extension MockBuffer {
  var panfrost: PanfrostBufferState {
    guard let state = driverState as? PanfrostBufferState else {
      preconditionFailure("the BO belongs to another driver")
    }
    return state
  }
}
