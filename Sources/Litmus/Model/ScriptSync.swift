// SPDX-License-Identifier: MIT

/// Cache maintenance on a range of a buffer.
public struct ScriptSync: Sendable {
  /// Who carries it out.
  public enum Method: String, CaseIterable, Hashable, Sendable {
    /// The driver: BO_SYNC, SYNC_BO.
    case ioctl
    /// The CPU's own instructions: `dc cvac`, `dc civac`, `clflush`.
    case userland
  }

  /// What is asked for.
  public enum Operation: Hashable, Sendable {
    case flush
    case flushAndInvalidate
    /// The form of the series as proposed: for whom, and for which access of theirs.
    case proposed(ScriptAccessor, ScriptAccessType)
  }

  public let buffer: Int
  /// In bytes, within the buffer's size unless an errno is expected.
  public let range: Range<UInt64>
  public let method: Method
  public let operation: Operation
  public let position: SourcePosition

  /// Creates a sync.
  public init(
    buffer: Int, range: Range<UInt64>, method: Method, operation: Operation,
    position: SourcePosition
  ) {
    self.buffer = buffer
    self.range = range
    self.method = method
    self.operation = operation
    self.position = position
  }
}
