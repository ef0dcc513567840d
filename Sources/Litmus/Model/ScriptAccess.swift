// SPDX-License-Identifier: MIT

/// A range of a buffer that is written or read, by the CPU or by a job.
public struct ScriptAccess: Sendable {
  /// What is done to the bytes.
  public enum Kind: Hashable, Sendable {
    /// They are written; the number counts all writes of a script.
    case write(Int)
    /// They are read, and must show the last writes ordered before; `sees` also names the one that must be.
    ///
    /// ``zeroes`` stands for what a new BO holds.
    case read(sees: Int?)
  }

  /// The number that stands for the zeroes of a new BO where a write is named.
  public static let zeroes = -1

  public let kind: Kind
  public let buffer: Int
  /// In bytes, never empty, within the buffer's size.
  public let range: Range<UInt64>
  public let position: SourcePosition

  /// Creates an access.
  public init(kind: Kind, buffer: Int, range: Range<UInt64>, position: SourcePosition) {
    self.kind = kind
    self.buffer = buffer
    self.range = range
    self.position = position
  }
}
