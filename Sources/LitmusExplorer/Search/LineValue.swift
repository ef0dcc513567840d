// SPDX-License-Identifier: MIT

public import DRMKernel

/// The contents of one byte in the cache and in memory, as writes of a script.
public struct LineValue: Hashable, Sendable {
  /// The state of the byte's line.
  public var line: ModelledLine.State
  /// The copy in the cache; for an absent line, the one in memory.
  public var cpu: Int
  public var memory: Int

  /// The number that stands for memory never written back; zeroes are ``ScriptAccess/zeroes``.
  public static let previousContents = -2

  /// The write that a CPU load sees.
  var shown: Int { line == .absent ? memory : cpu }

  mutating func fill() {
    guard line == .absent else { return }
    (line, cpu) = (.clean, memory)
  }

  mutating func evict() {
    if line == .dirty { memory = cpu }
    (line, cpu) = (.absent, memory)
  }

  mutating func store(_ write: Int) { (line, cpu) = (.dirty, write) }

  mutating func storeBeside() {
    fill()
    line = .dirty
  }

  mutating func storeUncached(_ write: Int) {
    (line, cpu, memory) = (.absent, write, write)
  }

  mutating func deviceStore(_ write: Int, isSnooping: Bool) {
    memory = write
    if line == .absent || isSnooping { cpu = write }
  }

  mutating func maintain(
    _ maintenance: MicroOperation.Maintenance, _ outcome: InvalidationOutcome
  ) {
    switch maintenance {
    case .clean:
      if line == .dirty { (line, memory) = (.clean, cpu) }
    case .cleanAndInvalidate: evict()
    case .invalidate:
      if line == .dirty, outcome == .lose { cpu = memory; line = .clean }
      evict()
    }
  }
}
