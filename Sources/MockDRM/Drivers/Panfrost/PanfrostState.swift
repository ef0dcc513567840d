// SPDX-License-Identifier: MIT

internal import DRMKernel

/// panfrost's state of an open file, `struct panfrost_file_priv`: GPU address space and job contexts.
final class PanfrostFileState {
  let space = PanfrostAddressSpace()
  private var mappings: [ObjectIdentifier: (mapping: PanfrostMapping, handles: Int)] = [:]
  // By handle; 0 is the default context.
  private var contexts: [PanfrostContext?] = [PanfrostContext()]
  // The greatest handle of a context: MAX_JM_CTX_PER_FILE.
  private static let lastContext = 64

  /// Maps a BO, once for all its handles; throws ENOSPC without a free range.
  func map(_ buffer: MockBuffer) throws(Errno) {
    let key = ObjectIdentifier(buffer)
    if mappings[key] != nil {
      mappings[key]?.handles += 1
      return
    }
    mappings[key] = (try PanfrostMapping(of: buffer, in: space), 1)
  }

  /// Unmaps a BO when its last handle closes; a job keeps the mapping until its end.
  func unmap(_ buffer: MockBuffer) {
    let key = ObjectIdentifier(buffer)
    mappings[key]?.handles -= 1
    if mappings[key]?.handles == 0 { mappings[key] = nil }
  }

  /// Returns the mapping of a BO, or throws EINVAL.
  func mapping(of buffer: MockBuffer) throws(Errno) -> PanfrostMapping {
    guard let (mapping, _) = mappings[ObjectIdentifier(buffer)] else { throw .EINVAL }
    return mapping
  }

  /// Returns the GPU address of a BO, or throws EINVAL.
  func offset(of buffer: MockBuffer) throws(Errno) -> UInt64 {
    try mapping(of: buffer).range.lowerBound
  }

  /// Creates a context and returns its handle, the lowest that is free; throws EBUSY at the limit.
  func makeContext() throws(Errno) -> UInt32 {
    let free = contexts.firstIndex { $0 == nil } ?? contexts.count
    guard free <= Self.lastContext else { throw .EBUSY }
    if free == contexts.count { contexts.append(nil) }
    contexts[free] = PanfrostContext()
    return UInt32(free)
  }

  /// Returns the context of a handle, or throws EINVAL.
  func context(_ handle: UInt32) throws(Errno) -> PanfrostContext {
    guard handle < contexts.count, let context = contexts[Int(handle)] else { throw .EINVAL }
    return context
  }

  /// Deletes the handle of a context and returns the context, or throws EINVAL.
  func removeContext(_ handle: UInt32) throws(Errno) -> PanfrostContext {
    let context = try context(handle)
    contexts[Int(handle)] = nil
    return context
  }

  var allContexts: [PanfrostContext] { contexts.compactMap(\.self) }
}

/// panfrost's state of a BO: `struct panfrost_gem_object`.
final class PanfrostBufferState {
  /// The number of its handles, each of which maps it.
  var mappings = 0
  /// The last advice of MADVISE; negative once it counts as purged.
  var advice: Int32 = 0
}

extension MockFile {
  var panfrost: PanfrostFileState { requireState(driverState, as: PanfrostFileState.self) }
}

extension MockBuffer {
  var panfrost: PanfrostBufferState {
    requireState(driverState, as: PanfrostBufferState.self)
  }
}

/// A job context, with one queue for each job slot: `struct panfrost_jm_ctx`.
final class PanfrostContext {
  /// The slots in use: 0 for fragment jobs, 1 for all other jobs.
  static let slots = 0...1

  /// The queue of a slot.
  func queue(_ slot: Int) -> JobQueue { .slot(context: ObjectIdentifier(self), slot) }

  /// Whether a job is on one of its queues.
  func owns(_ job: MockJob) -> Bool { Self.slots.contains { job.queue == queue($0) } }
}
