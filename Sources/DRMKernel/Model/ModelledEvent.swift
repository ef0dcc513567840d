// SPDX-License-Identifier: MIT

/// What may happen on a modelled machine at any time.
public enum ModelledEvent: Hashable, Sendable {
  /// A job's next access runs.
  case runAccess(job: Int)
  /// The lines of a range are written back where they are dirty, and leave the cache.
  case evict(ModelledRange)
  /// Absent lines of a range are fetched.
  case fill(ModelledRange)
}

/// A range of a BO, by an open node and the handle it has there, or by its dma-buf.
public struct ModelledRange: Hashable, Sendable {
  /// An open node, or a dma-buf.
  public let descriptor: CInt
  /// 0 for a dma-buf.
  public let handle: UInt32
  /// In bytes; whole lines are meant.
  public let range: Range<UInt64>

  /// Creates a range.
  public init(descriptor: CInt, handle: UInt32, range: Range<UInt64>) {
    self.descriptor = descriptor
    self.handle = handle
    self.range = range
  }
}
