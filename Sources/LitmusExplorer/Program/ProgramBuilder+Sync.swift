// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel
internal import Litmus

/// Syncs: BO_SYNC and SYNC_BO, the proposed form, and cache instructions in user space.
extension ProgramBuilder {
  /// Lowers a batch up to the first operation that the kernel refuses.
  mutating func sync(_ syncs: [ScriptSync]) -> Errno? {
    for (index, sync) in syncs.enumerated() {
      place = index
      let id = SyncID(step: step, index: index)
      guard !change.removed.contains(id) else { continue }
      let range = change.narrowed[id] ?? sync.range
      if let refusal = self.sync(sync, range) { return refusal }
      if program.obstacle != nil { return nil }
    }
    return nil
  }

  private mutating func sync(_ sync: ScriptSync, _ range: Range<UInt64>) -> Errno? {
    if sync.method == .userland {
      // Cache instructions need an address, so the client maps the BO first.
      if let refusal = map(sync.buffer) { return refusal }
      userland(sync, range)
      return nil
    }
    let node = node(of: sync.buffer)
    guard node.hasSyncCall else {
      program.obstacle = (step, "\(node.driver) has no sync ioctl\(node.lacksItByVersion)")
      return nil
    }
    return node.policy == .seriesV4 ? series(sync, range) : merged(sync, range)
  }

  /// Translates an operation to the merged ABI; nil where it needs no maintenance.
  private func translation(_ operation: ScriptSync.Operation) -> MicroOperation.Maintenance? {
    switch operation {
    case .flush, .proposed(.device, _): .clean
    case .flushAndInvalidate, .proposed(.cpu, .read), .proposed(.cpu, .readWrite):
      .cleanAndInvalidate
    case .proposed(.cpu, .write): nil
    }
  }

  /// A sync in the merged ABI; where no maintenance is needed, the client only checks the range.
  private mutating func merged(_ sync: ScriptSync, _ range: Range<UInt64>) -> Errno? {
    let memory = script.memory(of: sync.buffer)
    guard let maintenance = translation(sync.operation) else {
      return range.upperBound <= program.sizes[memory] ?? 0 ? nil : .EINVAL
    }
    guard range.upperBound <= program.sizes[memory] ?? 0, !isImported(sync.buffer) else {
      return .EINVAL
    }
    guard let state = memories[memory], state.isCached, !range.isEmpty else { return nil }
    // The driver does nothing for a BO without pages.
    guard state.isMappedForDMA || state.isTouched else { return nil }
    mapForDMA(memory)
    maintain(memory, range, maintenance, by: state.owner)
    return nil
  }

  /// A sync in the ABI of version 4 of the series, `drm_gem_sync`: an accessor and its access.
  private mutating func series(_ sync: ScriptSync, _ range: Range<UInt64>) -> Errno? {
    switch sync.operation {
    case .proposed(let accessor, let access): return series(sync, range, accessor, access)
    case .flush: return series(sync, range, .device, .read)
    case .flushAndInvalidate:
      if let refusal = series(sync, range, .device, .read) { return refusal }
      return series(sync, range, .cpu, .read)
    }
  }

  private mutating func series(
    _ sync: ScriptSync, _ range: Range<UInt64>, _ accessor: ScriptAccessor,
    _ access: ScriptAccessType
  ) -> Errno? {
    let memory = script.memory(of: sync.buffer)
    guard let state = memories[memory], isImported(sync.buffer) || state.isCached, !range.isEmpty
    else { return nil }
    guard range.upperBound <= program.sizes[memory] ?? 0 else { return .EINVAL }
    if isImported(sync.buffer) {
      guard range == whole(memory) else { return .EINVAL }
      // Device and read is DMA_TO_DEVICE, which the hook of END takes as a write of the CPU.
      switch (accessor, access) {
      case (.cpu, _):
        hookForCPU(memory, access)
        append(.waitForFences(memory: memory))
      case (.device, .read): hookForDevice(memory, .write)
      case (.device, .write): hookForDevice(memory, .read)
      case (.device, .readWrite): hookForDevice(memory, .readWrite)
      }
      return nil
    }
    mapForDMA(memory)
    switch accessor {
    case .device: maintain(memory, range, .clean, by: state.owner)
    case .cpu where access != .write: maintain(memory, range, .invalidate, by: state.owner)
    case .cpu: break
    }
    return nil
  }

  /// Cache instructions: they need no mapping for DMA, and do nothing on a WC mapping.
  private mutating func userland(_ sync: ScriptSync, _ range: Range<UInt64>) {
    let memory = script.memory(of: sync.buffer)
    guard let maintenance = translation(sync.operation), let state = memories[memory],
      state.isCached, !range.isEmpty
    else { return }
    append(.maintain(memory: memory, range, maintenance))
  }
}
