// SPDX-License-Identifier: MIT

@_spi(ProposedSync) internal import DRM
internal import Litmus

extension ScriptSession {
  /// Carries out one sync by its method, or a batch by one ioctl.
  func sync(_ syncs: [ScriptSync]) throws(DRMError) -> StepResult {
    if syncs.count > 1, syncs.allSatisfy({ $0.method == .ioctl }) { return try batch(syncs) }
    for sync in syncs {
      let result = try single(sync)
      guard case .done = result else { return result }
    }
    return .done
  }

  private func single(_ sync: ScriptSync) throws(DRMError) -> StepResult {
    switch sync.method {
    case .ioctl:
      // The driver's own call also for an import: the script states whether the driver refuses it.
      guard let live = buffers[sync.buffer], live.isOpen else { return missing(sync.buffer) }
      switch sync.operation {
      case .flush: try live.object?.syncByDriver(.flush, sync.range)
      case .flushAndInvalidate: try live.object?.syncByDriver(.flushAndInvalidate, sync.range)
      case .proposed(let accessor, let access):
        try live.object?.syncByDriver(
          for: SyncAccessor(accessor), SyncAccess(access), sync.range)
      }
    case .userland:
      guard let live = try mapped(sync.buffer) else { return missing(sync.buffer) }
      // On a CPU, maintenance of a missing page faults the page in. QEMU has no caches and does nothing.
      try live.mapping?.touchPages(of: sync.range)
      switch sync.operation {
      case .flush: try live.mapping?.maintain(.flush, sync.range)
      case .flushAndInvalidate: try live.mapping?.maintain(.flushAndInvalidate, sync.range)
      case .proposed(let accessor, let access):
        try live.mapping?.maintain(for: SyncAccessor(accessor), SyncAccess(access), sync.range)
      }
    }
    return .done
  }

  private func batch(_ syncs: [ScriptSync]) throws(DRMError) -> StepResult {
    var batch = SyncBatch(capacity: syncs.count)
    for sync in syncs {
      guard let live = buffers[sync.buffer] else { return missing(sync.buffer) }
      guard try live.append(sync, to: &batch) else { return missing(sync.buffer) }
    }
    try nodes[script.buffers[syncs[0].buffer].node].node?.sync(batch)
    return .done
  }
}

extension LiveBuffer {
  /// Adds a sync to a batch; returns false where the handle is closed.
  fileprivate func append(_ sync: ScriptSync, to batch: inout SyncBatch) throws(DRMError) -> Bool {
    switch object {
    case .some(let object):
      switch sync.operation {
      case .flush: try batch.append(SyncOperation(.flush, sync.range), onHandleOf: object)
      case .flushAndInvalidate:
        try batch.append(SyncOperation(.flushAndInvalidate, sync.range), onHandleOf: object)
      case .proposed(let accessor, let access):
        try batch.append(
          for: SyncAccessor(accessor), SyncAccess(access), sync.range, onHandleOf: object)
      }
      return true
    case .none: return false
    }
  }
}

extension SyncAccessor {
  fileprivate init(_ accessor: ScriptAccessor) {
    switch accessor {
    case .cpu: self = .cpu
    case .device: self = .device
    }
  }
}

extension SyncAccess {
  fileprivate init(_ access: ScriptAccessType) {
    switch access {
    case .read: self = .read
    case .write: self = .write
    case .readWrite: self = .readWrite
    }
  }
}
