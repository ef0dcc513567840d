// SPDX-License-Identifier: MIT

internal import DRMKernel

/// What panfrost keeps for each open file: the GPU address space, and contexts for jobs.
final class PanfrostFileState {
  let space = PanfrostAddressSpace()
  private var mappings: [ObjectIdentifier: (mapping: PanfrostMapping, handles: Int)] = [:]
  // By handle; the first one is there from the start.
  private var contexts: [PanfrostContext?] = [PanfrostContext()]
  // The greatest handle of a context.
  private static let lastContext = 64

  /// Maps a BO at the lowest address that fits; ENOSPC where none does.
  func map(_ buffer: MockBuffer) throws(Errno) {
    let key = ObjectIdentifier(buffer)
    if mappings[key] != nil {
      mappings[key]?.handles += 1
      return
    }
    mappings[key] = (try PanfrostMapping(of: buffer, in: space), 1)
  }

  /// Unmaps a BO with its last handle, unless a job still has it.
  func unmap(_ buffer: MockBuffer) {
    let key = ObjectIdentifier(buffer)
    mappings[key]?.handles -= 1
    if mappings[key]?.handles == 0 { mappings[key] = nil }
  }

  /// Answers a BO's mapping, or EINVAL where it has none.
  func mapping(of buffer: MockBuffer) throws(Errno) -> PanfrostMapping {
    guard let (mapping, _) = mappings[ObjectIdentifier(buffer)] else { throw .EINVAL }
    return mapping
  }

  /// Answers a BO's GPU address, or EINVAL where it has none.
  func offset(of buffer: MockBuffer) throws(Errno) -> UInt64 {
    try mapping(of: buffer).range.lowerBound
  }

  /// Makes a context and answers its handle, the lowest free one; EBUSY where there are too many.
  func makeContext() throws(Errno) -> UInt32 {
    let free = contexts.firstIndex { $0 == nil } ?? contexts.count
    guard free <= Self.lastContext else { throw .EBUSY }
    if free == contexts.count { contexts.append(nil) }
    contexts[free] = PanfrostContext()
    return UInt32(free)
  }

  /// Answers a context, or EINVAL where a handle names none.
  func context(_ handle: UInt32) throws(Errno) -> PanfrostContext {
    guard handle < contexts.count, let context = contexts[Int(handle)] else { throw .EINVAL }
    return context
  }

  /// Forgets a context and answers it; EINVAL where a handle names none.
  func removeContext(_ handle: UInt32) throws(Errno) -> PanfrostContext {
    let context = try context(handle)
    contexts[Int(handle)] = nil
    return context
  }

  var allContexts: [PanfrostContext] { contexts.compactMap(\.self) }
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
