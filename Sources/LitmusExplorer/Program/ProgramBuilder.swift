// SPDX-License-Identifier: MIT

internal import DRMKernel
internal import Litmus

/// Lowers a script to operations on memory, by the rules of the drivers it names.
struct ProgramBuilder {
  /// What the kernel knows of a memory.
  struct MemoryState {
    /// The node whose driver made it.
    let owner: Int
    /// Whether the CPU maps it cached.
    let isCached: Bool
    /// Whether its owner has it mapped for DMA.
    var isMappedForDMA = false
    /// Whether the CPU ever touched it, so that it has pages.
    var isTouched = false
    /// Whether the CPU has it mapped past the cache.
    var isMappedUncached = false
    /// How many open BOs of each other node it was imported as.
    var importers: [Int: Int] = [:]
  }

  let script: Script
  let platform: Platform
  let change: SyncChange?
  // The BOs that a job of their own node uses: a client binds them at once.
  let bound: Set<Int>
  // The END that belongs to each dropped START.
  let droppedEnd: Int?

  var program: Program
  var memories: [Int: MemoryState] = [:]
  // The BOs that the CPU has mapped.
  private var mapped: Set<Int> = []
  var step = 0

  init(_ script: Script, on platform: Platform, change: SyncChange? = nil) {
    self.script = script
    self.platform = platform
    self.change = change
    bound = Set(script.jobs.flatMap(\.accesses).map(\.buffer))
    droppedEnd = Self.end(of: change, in: script)
    program = Program(jobs: [])
  }

  /// Finds the END of a bracket that is dropped.
  private static func end(of change: SyncChange?, in script: Script) -> Int? {
    guard case .drop(let id) = change,
      case .beginAccess(let buffer, _) = script.steps[id.step].action
    else { return nil }
    return script.steps.indices.dropFirst(id.step).first { index in
      guard case .endAccess(let ended, _) = script.steps[index].action else { return false }
      return script.memory(of: ended) == script.memory(of: buffer)
    }
  }

  /// Lowers all steps, up to one that cannot be carried out.
  mutating func build() -> Program {
    program.jobs = script.jobs.map { _ in [] }
    for (index, next) in script.steps.enumerated() {
      step = index
      let answer = lower(next)
      if program.obstacle != nil { break }
      guard answer != next.errno else { continue }
      note(answer, of: next)
    }
    return program
  }

  /// Notes a step that ends otherwise than expected; what later steps need then is not there.
  private mutating func note(_ answer: Errno?, of step: ScriptStep) {
    var kind = Program.Misjudgement.Kind.other
    switch step.action {
    case .sync(let syncs) where answer != nil && syncs.contains { isImported($0.buffer) }:
      kind = .syncOnImport
    case .endAccess where answer != nil: kind = .unbalanced
    case .create, .importBuffer, .export, .map:
      if let answer {
        program.obstacle = (self.step, "the driver refuses it with \(answer)")
      }
    default: break
    }
    program.misjudgements.append(Program.Misjudgement(step: self.step, answer: answer, kind: kind))
  }

  /// Lowers one step and answers what the kernel refuses it with.
  private mutating func lower(_ next: ScriptStep) -> Errno? {
    switch next.action {
    case .create(let buffer): return create(buffer)
    case .map(let buffer, let throughDMABuf): return map(buffer, throughDMABuf: throughDMABuf)
    case .unmap(let buffer):
      mapped.remove(buffer)
      return nil
    case .export(let buffer): return refusesExport(buffer) ? .EINVAL : nil
    case .close(let buffer): return close(buffer)
    case .access(let access): return self.access(access)
    case .sync(let syncs): return sync(syncs)
    case .beginAccess(let buffer, let access): return begin(buffer, access)
    case .endAccess(let buffer, let access): return end(buffer, access)
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
    program.operations.append(MicroOperation(step: step, kind: kind))
  }

  func node(of buffer: Int) -> NodeModel { platform.nodes[script.buffers[buffer].node] }

  func isImported(_ buffer: Int) -> Bool { script.isForeign(buffer) }

  func whole(_ memory: Int) -> Range<UInt64> { 0..<(program.sizes[memory] ?? 0) }

  func flags(of buffer: Int) -> Set<ScriptBuffer.Flag> {
    if case .created(let flags) = script.buffers[buffer].origin { flags } else { [] }
  }

  private mutating func create(_ buffer: Int) -> Errno? {
    let node = node(of: buffer)
    let flags = flags(of: buffer)
    if let flag = flags.first(where: { !node.has($0) }) {
      program.obstacle = (step, "\(node.driver) has no flag \(flag.rawValue)")
      return nil
    }
    if flags.isSuperset(of: [.writeBack, .unmappable]) { return .EINVAL }
    if node.policy == .privateWB, node.driver == "panthor", flags.contains(.writeBack),
      !flags.contains(.exclusive)
    {
      return .EINVAL
    }
    let page = platform.pageSize
    program.sizes[buffer] = (script.buffers[buffer].size + page - 1) / page * page
    memories[buffer] = MemoryState(
      owner: script.buffers[buffer].node,
      isCached: !node.mapsWriteCombining(isWriteBack: flags.contains(.writeBack)))
    append(.begin(memory: buffer))
    if node.mapsAtCreation || bound.contains(buffer) { mapForDMA(buffer) }
    return nil
  }

  /// Maps a memory for its owner, which cleans it the first time: `dma_map_sgtable`.
  mutating func mapForDMA(_ memory: Int) {
    guard let state = memories[memory], !state.isMappedForDMA else { return }
    memories[memory]?.isMappedForDMA = true
    maintain(memory, whole(memory), .clean, by: state.owner)
  }

  /// Maintains by a device's mapping: nothing where that device snoops.
  mutating func maintain(
    _ memory: Int, _ range: Range<UInt64>, _ maintenance: MicroOperation.Maintenance, by node: Int
  ) {
    guard !platform.nodes[node].isCoherent, !range.isEmpty else { return }
    append(.maintain(memory: memory, range, maintenance))
  }

  /// Maps for the CPU, once: what is mapped already is not asked for again.
  mutating func map(_ buffer: Int, throughDMABuf: Bool = false) -> Errno? {
    guard !mapped.contains(buffer) else { return nil }
    if !throughDMABuf {
      // A BO of its own that comes back through PRIME is the same object.
      if !isImported(buffer), flags(of: script.memory(of: buffer)).contains(.unmappable) {
        return .EPERM
      }
      // These two map nothing that they did not allocate.
      if isImported(buffer), ["powervr", "vgem"].contains(node(of: buffer).driver) {
        return .EINVAL
      }
    }
    mapped.insert(buffer)
    let memory = script.memory(of: buffer)
    if memories[memory]?.isCached == false, memories[memory]?.isMappedUncached == false {
      memories[memory]?.isMappedUncached = true
      append(.maintain(memory: memory, whole(memory), .clean))
    }
    return nil
  }

  private func refusesExport(_ buffer: Int) -> Bool {
    guard !isImported(buffer) else { return false }
    let node = node(of: buffer)
    let memory = script.memory(of: buffer)
    let flags = flags(of: memory)
    if node.driver == "panthor", flags.contains(.exclusive) { return true }
    guard node.policy == .privateWB else { return false }
    switch node.driver {
    case "panfrost": return flags.contains(.writeBack)
    case "powervr": return memories[memory]?.isCached == true
    default: return false
    }
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
    }
    return nil
  }

  private mutating func submit(_ job: Int) {
    let isCoherent = platform.nodes[script.jobs[job].node].isCoherent
    program.jobs[job] = script.jobs[job].accesses.map { access in
      let memory = script.memory(of: access.buffer)
      var write: Int?
      if case .write(let number) = access.kind { write = number }
      // Past a WC mapping there is one image, whoever looks.
      let isSnooping = isCoherent && memories[memory]?.isMappedUncached == false
      return Program.DeviceAccess(
        memory: memory, range: access.range, write: write, isSnooping: isSnooping)
    }
    append(.submit(job: job))
  }
}
