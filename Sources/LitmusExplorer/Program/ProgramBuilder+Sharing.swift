// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// The kernel's side of dma-bufs: attachments, and the hooks at the begin and end of CPU access.
extension ProgramBuilder {
  /// An import maps the memory for its device; only a heap cleans it for that.
  mutating func importBuffer(_ buffer: Int) -> Errno? {
    let memory = script.memory(of: buffer)
    let importer = script.buffers[buffer].node
    guard let state = memories[memory], state.owner != importer else {
      // The same BO again: a client that gives it to jobs binds it now.
      if bound.contains(buffer) { mapForDMA(memory) }
      return nil
    }
    memories[memory]?.importers[importer, default: 0] += 1
    // Whoever is to access the memory needs its pages.
    memories[memory]?.isTouched = true
    if state.importers[importer] == nil, isHeap(memory) {
      maintain(memory, whole(memory), .clean, by: importer)
    }
    return nil
  }

  /// The last handle of an import ends its mapping, unless panthor's client bound it: then its VM keeps it.
  mutating func close(_ buffer: Int) -> Errno? {
    let memory = script.memory(of: buffer)
    let importer = script.buffers[buffer].node
    guard !(node(of: buffer).driver == "panthor" && bound.contains(buffer)) else { return nil }
    guard isImported(buffer), let count = memories[memory]?.importers[importer] else { return nil }
    memories[memory]?.importers[importer] = count > 1 ? count - 1 : nil
    if count == 1, isHeap(memory) { maintain(memory, whole(memory), .invalidate, by: importer) }
    return nil
  }

  private func isHeap(_ memory: Int) -> Bool { node(of: memory).driver == "system_heap" }

  /// `DMA_BUF_IOCTL_SYNC` START: the exporter's hook, and then the wait for fences.
  mutating func begin(_ buffer: Int, _ access: ScriptAccessType) -> Errno? {
    let memory = script.memory(of: buffer)
    if case .drop(SyncID(step: step)) = change { return nil }
    program.brackets[memory, default: []].append((step, true))
    // The first one makes the mapping, without cleaning, and syncs by it at once.
    if node(of: memory).driver == "udmabuf" { memories[memory]?.isMappedForDMA = true }
    hookForCPU(memory, access)
    append(.waitForFences(memory: memory))
    return nil
  }

  /// END: the hook alone; a udmabuf that nothing began has no mapping to sync.
  mutating func end(_ buffer: Int, _ access: ScriptAccessType) -> Errno? {
    let memory = script.memory(of: buffer)
    if step == droppedEnd { return nil }
    let owner = node(of: memory)
    if owner.driver == "udmabuf", memories[memory]?.isMappedForDMA == false { return .EINVAL }
    program.brackets[memory, default: []].append((step, false))
    hookForDevice(memory, access)
    return nil
  }

  /// Whose mappings the exporter's hooks sync.
  private func syncedMappings(_ memory: Int) -> [Int] {
    guard let state = memories[memory] else { return [] }
    let own = state.isMappedForDMA ? [state.owner] : []
    let importers = state.importers.keys.sorted()
    let owner = platform.nodes[state.owner]
    switch owner.driver {
    case "system_heap": return importers
    case "udmabuf": return own
    default:
      guard owner.hasSync else { return [] }
      // The default hooks of the series knew nothing of importers.
      return owner.policy == .seriesV4 ? own : own + importers
    }
  }

  /// For the CPU: lines are dropped, unless the device only read.
  mutating func hookForCPU(_ memory: Int, _ access: ScriptAccessType) {
    guard access != .write else { return }
    mapForProposedHook(memory)
    for node in syncedMappings(memory) { maintain(memory, whole(memory), .invalidate, by: node) }
  }

  /// For the device: lines are cleaned; the series did nothing after a read.
  mutating func hookForDevice(_ memory: Int, _ access: ScriptAccessType) {
    let owner = node(of: memory)
    if owner.hasSync, owner.policy == .seriesV4, access == .read { return }
    mapForProposedHook(memory)
    for node in syncedMappings(memory) { maintain(memory, whole(memory), .clean, by: node) }
  }

  /// The series' hooks are its syncs, which map a cached BO for the device before all else.
  private mutating func mapForProposedHook(_ memory: Int) {
    let owner = node(of: memory)
    guard owner.hasSync, owner.policy == .seriesV4, memories[memory]?.isCached == true else {
      return
    }
    mapForDMA(memory)
  }
}
