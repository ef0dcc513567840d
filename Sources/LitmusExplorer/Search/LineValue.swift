// SPDX-License-Identifier: MIT

public import DRMKernel

/// What one byte holds in the cache and in memory, as writes of a script.
public struct LineValue: Hashable, Sendable {
  /// The state of the byte's line.
  public var line: ModelledLine.State
  /// What the cache's copy shows; of an absent line, what memory holds.
  public var cpu: Int
  public var memory: Int

  /// What memory holds that nobody has written, where zeroes are ``ScriptAccess/zeroes``.
  public static let poison = -2

  /// What a load shows.
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
