// SPDX-License-Identifier: MIT

/// The rules of the cache model, each as a table from the states of a byte and its line to the next states.
struct LineRules: Sendable {
  /// The rules; they are the same for every script.
  static let all = LineRules()

  /// The CPU stores the byte through the cache.
  let store = LineTable { _ in [LineStates.dirty(true, false)] }
  /// The CPU stores the byte past the cache.
  let storeUncached = LineTable { _ in [LineStates.absent(true)] }
  /// The CPU stores another byte of the line.
  let storeBeside = LineTable { state in
    let (isPresent, _, cpu, memory) = LineStates.parts(state)
    return [LineStates.dirty(isPresent ? cpu : memory, memory)]
  }
  /// The CPU loads from the line.
  let load = LineTable { state in
    let (isPresent, _, _, memory) = LineStates.parts(state)
    return [isPresent ? state : LineStates.clean(memory, memory)]
  }
  let clean = LineTable { state in
    let (_, isDirty, cpu, _) = LineStates.parts(state)
    return [isDirty ? LineStates.clean(cpu, cpu) : state]
  }
  let cleanAndInvalidate = LineTable { state in
    let (_, isDirty, cpu, memory) = LineStates.parts(state)
    return [LineStates.absent(isDirty ? cpu : memory)]
  }
  /// Dirty bytes are lost or written back.
  let invalidate = LineTable { state in
    let (_, isDirty, cpu, memory) = LineStates.parts(state)
    return isDirty
      ? [LineStates.absent(memory), LineStates.absent(cpu)] : [LineStates.absent(memory)]
  }
  /// A device that does not snoop writes the byte.
  let deviceStore = LineTable { state in
    let (isPresent, isDirty, _, _) = LineStates.parts(state)
    guard isPresent else { return [LineStates.absent(true)] }
    return [isDirty ? LineStates.dirty(false, true) : LineStates.clean(false, true)]
  }
  /// A device that snoops writes the byte.
  let snoopingStore = LineTable { state in
    let (isPresent, isDirty, _, _) = LineStates.parts(state)
    guard isPresent else { return [LineStates.absent(true)] }
    return [isDirty ? LineStates.dirty(true, true) : LineStates.clean(true, true)]
  }

  /// The states in which memory is stale.
  private static let staleInMemory = mask { !$0.memory }
  /// The states in which a CPU load sees stale bytes.
  private static let staleInCache = mask { $0.isPresent ? !$0.cpu : !$0.memory }

  private static func mask(
    _ isMeant: ((isPresent: Bool, isDirty: Bool, cpu: Bool, memory: Bool)) -> Bool
  ) -> UInt16 {
    (0..<LineStates.count).reduce(0) { $0 | (isMeant(LineStates.parts($1)) ? 1 << $1 : 0) }
  }

  /// Whether a read can see stale bytes: through the cache, or from memory.
  func mayBeStale(_ states: LineStates, isCached: Bool) -> Bool {
    states.bits & (isCached ? Self.staleInCache : Self.staleInMemory) != 0
  }

  func table(_ maintenance: MicroOperation.Maintenance) -> LineTable {
    switch maintenance {
    case .clean: clean
    case .cleanAndInvalidate: cleanAndInvalidate
    case .invalidate: invalidate
    }
  }
}
