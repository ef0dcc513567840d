// SPDX-License-Identifier: MIT

/// One cache line as a model has it.
public struct ModelledLine: Hashable, Sendable {
  /// What the CPU's cache holds of it.
  public enum State: String, Hashable, Sendable {
    /// Nothing: a load shows memory.
    case absent
    /// What memory held when it was filled, or was last written back.
    case clean
    /// Bytes that memory does not have yet.
    case dirty
  }

  public let state: State
  /// What a load shows.
  public let cpu: [UInt8]
  /// What a device reads that does not snoop.
  public let memory: [UInt8]

  /// Creates a line.
  public init(state: State, cpu: [UInt8], memory: [UInt8]) {
    self.state = state
    self.cpu = cpu
    self.memory = memory
  }
}
