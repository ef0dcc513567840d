// SPDX-License-Identifier: MIT

internal import Litmus

/// The ways to sync a memory at a place of a script, by who owns the BO and which calls its driver has.
struct SyncKit {
  let script: Script
  let platform: Platform
  let times: Lifetimes
  let memory: Int
  private let buffers: [Int]

  init(_ script: Script, _ platform: Platform, _ times: Lifetimes, _ memory: Int) {
    self.script = script
    self.platform = platform
    self.times = times
    self.memory = memory
    buffers = script.buffers.indices.filter { script.memory(of: $0) == memory }
  }

  /// What a sync is for.
  enum Purpose {
    /// The device reads what the CPU wrote, or writes where the CPU has written.
    case device
    /// The CPU reads what a device wrote.
    case cpu
  }

  private func at(_ step: Int) -> SourcePosition {
    script.steps.isEmpty
      ? SourcePosition(file: script.path) : script.steps[min(step, script.steps.count - 1)].position
  }

  private func sync(
    _ buffer: Int, _ range: Range<UInt64>, _ purpose: Purpose, _ method: ScriptSync.Method,
    before step: Int
  ) -> ScriptEdit {
    let sync = ScriptSync(
      buffer: buffer, range: range.clamped(to: 0..<script.buffers[buffer].size), method: method,
      operation: purpose == .device ? .flush : .flushAndInvalidate, position: at(step))
    return ScriptEdit(step: step, change: .insert(.sync([sync])))
  }

  /// The driver's sync ioctl on one of its own BOs.
  func byIoctl(_ range: Range<UInt64>, _ purpose: Purpose, before step: Int) -> [[ScriptEdit]] {
    let own = buffers.first { buffer in
      let node = platform.nodes[script.buffers[buffer].node]
      return !script.isForeign(buffer) && node.hasSyncCall && !node.claimsCoherency
        && times.isOpen(buffer, before: step)
    }
    return own.map { [[sync($0, range, purpose, .ioctl, before: step)]] } ?? []
  }

  /// Cache instructions.
  func byUserland(_ range: Range<UInt64>, _ purpose: Purpose, before step: Int) -> [[ScriptEdit]] {
    buffers.filter { times.isReachable($0, before: step) }.prefix(2).map {
      [sync($0, range, purpose, .userland, before: step)]
    }
  }

  /// A START before one step and an END before a later one.
  func byBracket(
    _ type: ScriptAccessType, from start: Int, to end: Int
  ) -> [[ScriptEdit]] {
    guard let buffer = buffers.first(where: { times.isShared($0, before: start) }),
      platform.nodes[script.buffers[memory].node].syncedMappings != .none
    else { return [] }
    return [
      [
        ScriptEdit(step: start, change: .insert(.beginAccess(buffer: buffer, type))),
        ScriptEdit(step: end, change: .insert(.endAccess(buffer: buffer, type))),
      ]
    ]
  }

  /// Whether another device has imported the memory, or only a foreign one can sync it.
  var isShared: Bool {
    buffers.contains { script.isForeign($0) }
  }

  /// All ways to sync a range before a step, the fitting ones first.
  ///
  /// - Parameter span: where a CPU access through the dma-buf begins and ends.
  func all(
    _ range: Range<UInt64>, _ purpose: Purpose, before step: Int, span: (start: Int, end: Int)
  ) -> [[ScriptEdit]] {
    let type: ScriptAccessType = purpose == .device ? .write : .read
    let ioctl = byIoctl(range, purpose, before: step)
    var brackets = byBracket(type, from: span.start, to: span.end)
    if span.start != step || span.end != step { brackets += byBracket(type, from: step, to: step) }
    return (isShared ? brackets + ioctl : ioctl + brackets)
      + byUserland(range, purpose, before: step)
  }
}
