// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel
internal import Litmus

/// Lowers a script to operations on memory, by the rules of its platform's drivers.
struct ProgramBuilder {
  /// The kernel's state of a memory.
  struct MemoryState {
    /// The node whose driver allocated it.
    let owner: Int
    /// Whether CPU mappings are cached.
    let isCached: Bool
    /// Whether its owner has mapped it for DMA.
    var isMappedForDMA = false
    /// Whether it has pages, because the CPU has accessed it or a device has imported it.
    var isTouched = false
    /// Whether it has an uncached CPU mapping.
    var isMappedUncached = false
    /// The number of open imported BOs in each other node.
    var importers: [Int: Int] = [:]
  }

  let script: Script
  let platform: Platform
  let change: SyncChange
  // The BOs that a job of their own node uses: a client binds them at creation or import.
  let bound: Set<Int>
  // The ENDs of removed STARTs.
  private(set) var removedEnds: Set<Int> = []
  var program: Program
  var memories: [Int: MemoryState] = [:]
  // The BOs that have a CPU mapping.
  private var mapped: Set<Int> = []
  var step = 0
  /// The index of the sync in its batch.
  var place = 0

  init(_ script: Script, on platform: Platform, change: SyncChange = SyncChange()) {
    self.script = script
    self.platform = platform
    self.change = change
    bound = Set(script.jobs.flatMap(\.accesses).map(\.buffer))
    program = Program(jobs: [])
    guard !change.removed.isEmpty else { return }
    let ends = Brackets(script).ends
    removedEnds = Set(change.removed.compactMap { ends[$0.step] })
  }

  /// Lowers all steps, up to one that cannot be carried out.
  mutating func build() -> Program {
    program.jobs = script.jobs.map { _ in [] }
    for (index, next) in script.steps.enumerated() {
      (step, place) = (index, 0)
      let errno = lower(next)
      if program.obstacle != nil { break }
      guard errno != next.errno else { continue }
      noteUnexpected(errno, of: next)
    }
    return program
  }

  /// Notes an unexpected result; lowering ends where later steps need what this step creates.
  private mutating func noteUnexpected(_ errno: Errno?, of step: ScriptStep) {
    var kind = Program.UnexpectedResult.Kind.other
    switch step.action {
    case .sync(let syncs) where errno != nil && syncs.contains { isImported($0.buffer) }:
      kind = .syncOnImport
    case .endAccess where errno != nil: kind = .unbalanced
    case .create, .importBuffer, .export, .map:
      if let errno {
        program.obstacle = (self.step, "the driver refuses it with \(errno)")
      }
    default: break
    }
    program.unexpectedResults.append(
      Program.UnexpectedResult(step: self.step, errno: errno, kind: kind))
  }

  /// Lowers one step and returns the errno that the kernel refuses it with.
  private mutating func lower(_ next: ScriptStep) -> Errno? {
    switch next.action {
    case .create(let buffer): return create(buffer)
    case .map(let buffer, let throughDMABuf): return map(buffer, throughDMABuf: throughDMABuf)
    case .unmap(let buffer):
      mapped.remove(buffer)
      return nil
    case .export(let buffer): return export(buffer)
    case .close(let buffer): return close(buffer)
    case .access(let access): return self.access(access)
    case .sync(let syncs): return sync(syncs)
    case .beginAccess(let buffer, let access): return startAccess(buffer, access)
    case .endAccess(let buffer, let access): return endAccess(buffer, access)
    case .importBuffer(let buffer): return importBuffer(buffer)
    case .submit(let job):
      submit(job)
      return nil
    case .wait(let job):
      append(.wait(job: job))
      return nil
    }
  }

  mutating func append(_ kind: MicroOperation.Kind) {
    program.operations.append(MicroOperation(step: step, place: place, kind: kind))
  }

  func node(of buffer: Int) -> NodeModel { platform.nodes[script.buffers[buffer].node] }

  func isImported(_ buffer: Int) -> Bool { script.isForeign(buffer) }

  func whole(_ memory: Int) -> Range<UInt64> { 0..<(program.sizes[memory] ?? 0) }

  func flags(of buffer: Int) -> Set<DriverFacts.CreationFlag> {
    if case .created(let flags) = script.buffers[buffer].origin { flags } else { [] }
  }

  private mutating func create(_ buffer: Int) -> Errno? {
    let node = node(of: buffer)
    let flags = flags(of: buffer)
    let unknown = flags.subtracting(node.driver.creationFlags).map(\.rawValue).min()
    if let unknown {
      program.obstacle = (step, "\(node.driver) has no flag \(unknown)")
      return nil
    }
    if let refusal = node.refusesCreation(flags) { return refusal }
    let page = platform.pageSize
    program.sizes[buffer] = (script.buffers[buffer].size + page - 1) / page * page
    memories[buffer] = MemoryState(
      owner: script.buffers[buffer].node,
      isCached: !node.mapsWriteCombining(flags))
    append(.allocate(memory: buffer))
    if node.mapsAtCreation || bound.contains(buffer) { mapForDMA(buffer) }
    return nil
  }

  /// Maps a memory for DMA by its owner; the first time cleans it: `dma_map_sgtable`.
  mutating func mapForDMA(_ memory: Int) {
    guard let state = memories[memory], !state.isMappedForDMA else { return }
    memories[memory]?.isMappedForDMA = true
    program.stepsWithState.insert(step)
    maintain(memory, whole(memory), .clean, by: state.owner)
  }

  /// Maintains caches for a device, if its driver does not believe that it snoops.
  mutating func maintain(
    _ memory: Int, _ range: Range<UInt64>, _ maintenance: MicroOperation.Maintenance, by node: Int
  ) {
    guard !platform.nodes[node].claimsCoherency, !range.isEmpty else { return }
    append(.maintain(memory: memory, range, maintenance))
  }

  /// Maps a BO for the CPU, unless it is mapped already.
  mutating func map(_ buffer: Int, throughDMABuf: Bool = false) -> Errno? {
    guard !mapped.contains(buffer) else { return nil }
    if !throughDMABuf {
      // A driver's own BO that it imports again is the same object.
      if !isImported(buffer), flags(of: script.memory(of: buffer)).contains(.unmappable) {
        return .EPERM
      }
      if isImported(buffer), !node(of: buffer).mapsImports { return .EINVAL }
    }
    mapped.insert(buffer)
    let memory = script.memory(of: buffer)
    if memories[memory]?.isCached == false, memories[memory]?.isMappedUncached == false {
      memories[memory]?.isMappedUncached = true
      program.stepsWithState.insert(step)
      append(.maintain(memory: memory, whole(memory), .clean))
    }
    return nil
  }

  private func export(_ buffer: Int) -> Errno? {
    guard !isImported(buffer) else { return nil }
    let memory = script.memory(of: buffer)
    return node(of: buffer).refusesExport(
      flags(of: memory), isCached: memories[memory]?.isCached == true)
  }

  private mutating func access(_ access: ScriptAccess) -> Errno? {
    if let refusal = map(access.buffer) { return refusal }
    let memory = script.memory(of: access.buffer)
    memories[memory]?.isTouched = true
    let isCached = memories[memory]?.isCached ?? true
    switch access.kind {
    case .write(let write):
      append(.store(memory: memory, access.range, write: write, isCached: isCached))
    case .read: append(.load(memory: memory, access.range, isCached: isCached))
    case .syncWait: break
    }
    return nil
  }

  private mutating func submit(_ job: Int) {
    let isCoherent = platform.nodes[script.jobs[job].node].isCoherent
    program.jobs[job] = script.jobs[job].accesses.map { access in
      let memory = script.memory(of: access.buffer)
      var write: Int?
      if case .write(let number) = access.kind { write = number }
      // With a WC mapping there is one image for the CPU and all devices.
      let isSnooping = isCoherent && memories[memory]?.isMappedUncached == false
      return Program.DeviceAccess(
        memory: memory, range: access.range, write: write, isSnooping: isSnooping)
    }
    append(.submit(job: job))
  }
}
