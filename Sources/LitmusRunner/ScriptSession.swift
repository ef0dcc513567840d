// SPDX-License-Identifier: MIT

internal import DRM
internal import DRMDrivers
internal import DRMKernel
internal import Litmus

/// A running script: its open files and buffers, and the execution of its steps.
final class ScriptSession {
  let script: Script
  let nodes: [OpenNode]
  let model: (any ModelledMachine)?
  let judge: ReadJudge
  var order: MemoryOrder
  var buffers = NumberedItems<LiveBuffer>()
  /// The model's number of each job.
  var jobNumbers: [Int: Int] = [:]
  /// What runs the script's jobs.
  let runner: JobRunner
  let bytes: WriteBytes
  /// Reads of jobs that are not judged yet.
  var found: [(job: Int, access: Int, bytes: [UInt8])] = []
  /// The jobs that were submitted to a driver, and whose outcome was not taken yet, in order of submission.
  var uncollected: [Int] = []
  /// The reasons why jobs were skipped at their submission.
  var omissions: [Int: String] = [:]
  /// The limit of one job, in bytes of all its accesses.
  let mostOfJob: UInt64
  // The buffers that jobs use, which need a GPU address.
  private let usedByJobs: Set<Int>

  /// Opens the nodes.
  init(_ script: Script, _ placement: Placement, on machine: ScriptMachine) throws(DRMError) {
    var nodes: [OpenNode] = []
    for place in placement.places { nodes.append(try OpenNode(place, on: machine)) }
    for (node, description) in zip(nodes, script.nodes) {
      machine.model?.setClaim(
        ofCoherency: description.claim.map { $0 == .coherent }, node: node.descriptor)
      node.isClaimedCoherent = description.claim == .coherent
    }
    self.script = script
    self.nodes = nodes
    model = machine.model
    var bytes = WriteBytes(script)
    runner = try JobRunner(script, nodes, on: machine, &bytes)
    self.bytes = bytes
    mostOfJob = machine.jobs == .modelled ? ScriptJob.mostPending : ScriptJob.mostSubmitted
    judge = ReadJudge(script, bytes)
    order = MemoryOrder(
      script, bytes, hasImplicitFences: nodes.map(\.hasImplicitFences), runsJobs: runner.runsJobs)
    usedByJobs = Set(script.jobs.flatMap(\.accesses).map(\.buffer))
    // Discards reads of earlier scripts.
    _ = model?.takeReads()
  }

  /// Carries out one step.
  func perform(_ action: ScriptStep.Action) -> StepResult {
    do throws(DRMError) {
      switch action {
      case .create(let buffer): return try create(buffer)
      case .importBuffer(let buffer): return try importBuffer(buffer)
      case .access(let access): return try self.access(access)
      case .sync(let syncs): return try sync(syncs)
      case .submit(let job): return try submit(job)
      case .wait(let job): return try wait(for: job)
      case .map(let buffer, let throughDMABuf):
        let live = live(buffer)
        guard try live?.map(throughDMABuf: throughDMABuf) == true else { return missing(buffer) }
      case .unmap(let buffer): try live(buffer)?.unmap()
      case .close(let buffer): try live(buffer)?.close()
      case .export(let buffer):
        guard try live(buffer)?.export() == true else { return missing(buffer) }
      case .beginAccess(let buffer, let access):
        guard let live = live(buffer), live.isShared else { return missing(buffer) }
        try live.dmaBuf?.startAccess(CPUAccess(access))
        order.start(buffer)
      case .endAccess(let buffer, let access):
        guard let live = live(buffer), live.isShared else { return missing(buffer) }
        try live.dmaBuf?.endAccess(CPUAccess(access))
      }
      return .done
    } catch {
      return StepResult(error)
    }
  }

  private func live(_ buffer: Int) -> LiveBuffer? { buffers[buffer] }

  func missing(_ buffer: Int) -> StepResult {
    .unsound("'\(script.buffers[buffer].name)' lacks the handle, mapping or dma-buf for this step")
  }

  private func create(_ buffer: Int) throws(DRMError) -> StepResult {
    let description = script.buffers[buffer]
    guard case .created(let flags) = description.origin else { return missing(buffer) }
    let node = nodes[description.node]
    if flags.isSuperset(of: [.writeBack, .unmappable]) {
      return .lacking("this client cannot create a BO with both wb_mmap and no_mmap")
    }
    if flags.isSuperset(of: [.exclusive, .noExecute]) {
      return .lacking("no driver can create a BO with both exclusive and noexec")
    }
    let mapping: CPUMapping =
      if flags.contains(.writeBack) {
        .writeBack
      } else if flags.contains(.unmappable) {
        .none
      } else {
        .writeCombining
      }
    let live = try node.create(
      size: description.size, mapping, flags.contains(.noExecute) ? .noExecute : [],
      isExclusive: flags.contains(.exclusive))
    guard let live else { return missing(buffer) }
    buffers[buffer] = live
    if usedByJobs.contains(buffer) { try node.bind(live) }
    return .done
  }

  private func importBuffer(_ buffer: Int) throws(DRMError) -> StepResult {
    guard case .imported(let source) = script.buffers[buffer].origin else {
      return missing(buffer)
    }
    let node = nodes[script.buffers[buffer].node]
    guard let live = try live(source)?.importInto(node) else { return missing(source) }
    buffers[buffer] = live
    if usedByJobs.contains(buffer) { try node.bind(live) }
    return .done
  }

  private func access(_ access: ScriptAccess) throws(DRMError) -> StepResult {
    guard let live = try mapped(access.buffer) else { return missing(access.buffer) }
    switch access.kind {
    case .write(let number):
      let memory = script.memory(of: access.buffer)
      try live.store(
        bytes.bytes(of: number, in: access.range, of: memory), at: access.range.lowerBound,
        for: model)
      order.write(number, access)
      return .done
    case .syncWait: return missing(access.buffer)
    case .read:
      return .read(
        judge.judge(
          try live.load(access.range, for: model), at: access.range.lowerBound, of: access.buffer,
          against: order.expectation(of: access)))
    }
  }

  /// Returns a buffer with a mapping, which is created where there is none.
  func mapped(_ buffer: Int) throws(DRMError) -> LiveBuffer? {
    guard let live = live(buffer) else { return nil }
    let hasHandles = script.nodes[script.buffers[buffer].node].hasHandles
    return try live.map(throughDMABuf: !hasHandles) ? live : nil
  }
}

extension CPUAccess {
  fileprivate init(_ access: ScriptAccessType) {
    switch access {
    case .read: self = .read
    case .write: self = .write
    case .readWrite: self = .readWrite
    }
  }
}
