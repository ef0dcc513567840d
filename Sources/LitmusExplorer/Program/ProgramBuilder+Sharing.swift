// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// dma-bufs in the kernel: attachments, and the exporter's hooks of START and END.
extension ProgramBuilder {
  /// Imports a dma-buf, which maps the memory for the importing device.
  mutating func importBuffer(_ buffer: Int) -> Errno? {
    let memory = script.memory(of: buffer)
    let importer = script.buffers[buffer].node
    guard let state = memories[memory], state.owner != importer else {
      // The driver returns its own BO. A client whose jobs use it binds it now.
      if bound.contains(buffer) { mapForDMA(memory) }
      return nil
    }
    memories[memory]?.importers[importer, default: 0] += 1
    memories[memory]?.isTouched = true
    if state.importers[importer] == nil, node(of: memory).syncsAttachments {
      maintain(memory, whole(memory), .clean, by: importer)
    }
    return nil
  }

  /// Closes a handle; the last one of an import ends its mapping for DMA, unless a VM keeps that.
  mutating func close(_ buffer: Int) -> Errno? {
    let memory = script.memory(of: buffer)
    let importer = script.buffers[buffer].node
    guard !(node(of: buffer).keepsBoundMappings && bound.contains(buffer)) else { return nil }
    guard isImported(buffer), let count = memories[memory]?.importers[importer] else { return nil }
    memories[memory]?.importers[importer] = count > 1 ? count - 1 : nil
    if count == 1, node(of: memory).syncsAttachments {
      maintain(memory, whole(memory), .invalidate, by: importer)
    }
    return nil
  }

  /// `DMA_BUF_IOCTL_SYNC` START: the exporter's hook, and then the wait for fences.
  mutating func startAccess(_ buffer: Int, _ access: ScriptAccessType) -> Errno? {
    let memory = script.memory(of: buffer)
    if change.removed.contains(SyncID(step: step)) { return nil }
    program.brackets[memory, default: []].append((step, true))
    if node(of: memory).mapsAtFirstStart, memories[memory]?.isMappedForDMA == false {
      memories[memory]?.isMappedForDMA = true
      program.stepsWithState.insert(step)
    }
    hookForCPU(memory, access)
    append(.waitForFences(memory: memory))
    return nil
  }

  /// `DMA_BUF_IOCTL_SYNC` END: the exporter's hook alone.
  mutating func endAccess(_ buffer: Int, _ access: ScriptAccessType) -> Errno? {
    let memory = script.memory(of: buffer)
    if removedEnds.contains(step) { return nil }
    if node(of: memory).mapsAtFirstStart, memories[memory]?.isMappedForDMA == false {
      return .EINVAL
    }
    program.brackets[memory, default: []].append((step, false))
    hookForDevice(memory, access)
    return nil
  }

  /// The nodes whose mappings the exporter's hooks sync.
  private func syncedMappings(_ memory: Int) -> [Int] {
    guard let state = memories[memory] else { return [] }
    let own = state.isMappedForDMA ? [state.owner] : []
    let importers = state.importers.keys.sorted()
    return switch platform.nodes[state.owner].syncedMappings {
    case .none: []
    case .own: own
    case .importers: importers
    case .ownAndImporters: own + importers
    }
  }

  /// The hook of START: invalidates, unless the CPU will only write.
  mutating func hookForCPU(_ memory: Int, _ access: ScriptAccessType) {
    guard access != .write else { return }
    mapForProposedHook(memory)
    for node in syncedMappings(memory) { maintain(memory, whole(memory), .invalidate, by: node) }
  }

  /// The hook of END: cleans; the proposed hook does nothing after a read.
  mutating func hookForDevice(_ memory: Int, _ access: ScriptAccessType) {
    if node(of: memory).hasProposedHooks, access == .read { return }
    mapForProposedHook(memory)
    for node in syncedMappings(memory) { maintain(memory, whole(memory), .clean, by: node) }
  }

  /// Maps a cached BO for DMA, as the proposed hooks do first.
  private mutating func mapForProposedHook(_ memory: Int) {
    guard node(of: memory).hasProposedHooks, memories[memory]?.isCached == true else { return }
    mapForDMA(memory)
  }
}
