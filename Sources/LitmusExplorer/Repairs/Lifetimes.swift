// SPDX-License-Identifier: MIT

internal import Litmus

/// When each BO of a script is open, mapped and shared, and when each job is submitted.
struct Lifetimes {
  private let script: Script
  private var opened: [Int: Int] = [:]
  private var closed: [Int: Int] = [:]
  private var shared: [Int: Int] = [:]
  // For each BO, the steps that map (true) and unmap it.
  private var mappings: [Int: [(step: Int, isMapped: Bool)]] = [:]
  private var explicitMaps: [Int: Int] = [:]
  /// The step that submits each job.
  private(set) var submissions: [Int: Int] = [:]
  /// The steps that wait for each job by its name.
  private(set) var waits: [Int: [Int]] = [:]
  /// For each memory, the steps that sync, begin or end an access.
  private(set) var syncs: [Int: [Int]] = [:]

  init(_ script: Script) {
    self.script = script
    for (index, step) in script.steps.enumerated() where step.errno == nil { add(index, step) }
  }

  private mutating func add(_ index: Int, _ step: ScriptStep) {
    switch step.action {
    case .create(let buffer):
      opened[buffer] = index
      if !hasHandle(buffer) { shared[buffer] = index }
    case .importBuffer(let buffer): (opened[buffer], shared[buffer]) = (index, index)
    case .export(let buffer): shared[buffer] = shared[buffer] ?? index
    case .close(let buffer): closed[buffer] = index
    case .map(let buffer, _):
      explicitMaps[buffer] = index
      mappings[buffer, default: []].append((index, true))
    case .unmap(let buffer): mappings[buffer, default: []].append((index, false))
    case .access(let access): mappings[access.buffer, default: []].append((index, true))
    case .sync(let batch):
      for sync in batch {
        let memory = script.memory(of: sync.buffer)
        if syncs[memory]?.last != index { syncs[memory, default: []].append(index) }
        if sync.method == .userland { mappings[sync.buffer, default: []].append((index, true)) }
      }
    case .beginAccess(let buffer, _), .endAccess(let buffer, _):
      syncs[script.memory(of: buffer), default: []].append(index)
    case .submit(let job): submissions[job] = index
    case .wait(let job): waits[job, default: []].append(index)
    }
  }

  private func hasHandle(_ buffer: Int) -> Bool {
    script.nodes[script.buffers[buffer].node].hasHandles
  }

  /// Whether a BO's handle is open before a step.
  func isOpen(_ buffer: Int, before step: Int) -> Bool {
    guard let start = opened[buffer], start < step else { return false }
    return closed[buffer].map { $0 >= step } ?? true
  }

  /// Whether a BO has a dma-buf before a step.
  func isShared(_ buffer: Int, before step: Int) -> Bool {
    guard let start = shared[buffer], start < step else { return false }
    return hasHandle(buffer) || closed[buffer].map { $0 >= step } ?? true
  }

  /// Whether the CPU can maintain a BO's lines before a step: it is mapped, or can be mapped there.
  func isReachable(_ buffer: Int, before step: Int) -> Bool {
    if mappings[buffer]?.last(where: { $0.step < step })?.isMapped == true { return true }
    guard isOpen(buffer, before: step) else { return false }
    return explicitMaps[buffer].map { $0 < step } ?? true
  }

  /// Whether a BO is unmapped only where it is mapped, and mapped by a step only where it is not.
  private func hasValidMappings(_ buffer: Int) -> Bool {
    var isMapped = false
    for (step, maps) in mappings[buffer] ?? [] {
      if !maps, !isMapped { return false }
      if maps, isMapped, case .map = script.steps[step].action { return false }
      isMapped = maps
    }
    return true
  }

  /// The BOs that a step unmaps or closes.
  var unmapped: Set<Int> {
    Set(mappings.filter { $0.value.contains { !$0.isMapped } }.keys).union(closed.keys)
  }

  /// Whether edits of the script leave every step after what it needs.
  func allows(_ edits: [ScriptEdit]) -> Bool {
    edits.allSatisfy { edit in
      switch edit.change {
      case .insert(let action): allows(action, before: edit.step)
      case .replace(let action): allows(action, before: edit.step)
      case .move(let target): allows(script.steps[edit.step].action, before: target)
      case .remove: true
      }
    }
  }

  private func allows(_ action: ScriptStep.Action, before step: Int) -> Bool {
    switch action {
    case .wait(let job): submissions[job].map { $0 < step } ?? false
    case .access(let access):
      isOpen(access.buffer, before: step)
        || mappings[access.buffer]?.last(where: { $0.step < step })?.isMapped == true
    case .beginAccess(let buffer, _), .endAccess(let buffer, _): isShared(buffer, before: step)
    case .sync(let syncs):
      syncs.allSatisfy { sync in
        sync.method == .ioctl
          ? isOpen(sync.buffer, before: step) : isReachable(sync.buffer, before: step)
      }
    default: true
    }
  }

  /// Whether all steps of an edited script come after what they need.
  static func isValid(_ script: Script) -> Bool {
    let times = Lifetimes(script)
    guard times.mappings.keys.allSatisfy(times.hasValidMappings) else { return false }
    for (index, step) in script.steps.enumerated() where step.errno == nil {
      if !times.allows(step.action, before: index) { return false }
    }
    return true
  }
}
