// SPDX-License-Identifier: MIT

/// What one cache maintenance request does to the CPU lines it covers.
public enum SyncKind: UInt32, Hashable, Sendable {
  /// Writes dirty lines back to memory, before the device reads.
  case flush = 0
  /// Writes dirty lines back, then drops them, before the CPU reads what the device wrote.
  case flushAndInvalidate = 1
}

/// One cache maintenance request: what to do, and to which bytes.
///
/// The range is exact, in bytes from the start of the BO; the kernel widens it to whole cache lines and
/// to nothing more.
public struct SyncOperation: Hashable, Sendable {
  public let kind: SyncKind
  public let range: Range<UInt64>

  /// Creates a request.
  public init(_ kind: SyncKind, _ range: Range<UInt64>) {
    self.kind = kind
    self.range = range
  }
}
