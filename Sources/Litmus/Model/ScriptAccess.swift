// SPDX-License-Identifier: MIT

/// A range of a buffer that the CPU or a job writes or reads.
public struct ScriptAccess: Sendable {
  /// Whether the bytes are written or read.
  public enum Kind: Hashable, Sendable {
    /// A write, by its number in the script.
    case write(Int)
    /// A read, which must see the last writes ordered before it; `sees` names the one that it must see.
    ///
    /// ``zeroes`` stands for the contents of a new BO.
    case read(sees: Int?)
    /// SYNC_WAIT64: the queue waits until 8 bytes in memory, an unsigned number, are at least this value.
    case syncWait(UInt64)
  }

  /// The number that stands for the zeroes of a new BO in place of a write's.
  public static let zeroes = -1

  /// The size of the number in memory that a queue waits for or sets, in bytes.
  public static let syncSize: UInt64 = 8

  /// The size limit of one access, in bytes: what a read finds is kept in memory.
  public static let mostBytes: UInt64 = 64 << 20

  public let kind: Kind
  public let buffer: Int
  /// In bytes, never empty, within the buffer's size, at most ``mostBytes``.
  public let range: Range<UInt64>
  public let position: SourcePosition

  /// Whether it is a read.
  public var isRead: Bool {
    if case .read = kind { true } else { false }
  }
}

/// One write of a script: its name and the bytes it stores.
public struct ScriptWrite: Hashable, Sendable {
  /// The name from the script, or the write's source line.
  public let name: String
  /// The number that SYNC_SET64 stores, in 8 bytes; nil for a pattern.
  public let value: UInt64?

  /// Returns the byte of the pattern that write `number` stores at an offset of its buffer.
  ///
  /// It is never zero, and differs between any two of 255 consecutive writes.
  public static func byte(of number: Int, at offset: UInt64) -> UInt8 {
    // Past 255 writes the value shifts with the offset, so that few bytes of two writes are equal.
    let round = number / 255
    return UInt8(1 + (number + round * Int(truncatingIfNeeded: offset % period)) % 255)
  }

  /// Returns the bytes of the pattern that write `number` stores in a range.
  public static func bytes(of number: Int, in range: Range<UInt64>) -> [UInt8] {
    let count = Int(range.upperBound - range.lowerBound)
    guard number >= 255 else {
      return [UInt8](repeating: byte(of: number, at: range.lowerBound), count: count)
    }
    let first = (0..<period).map { byte(of: number, at: range.lowerBound % period + $0) }
    return (0..<count).map { first[$0 % first.count] }
  }

  // The distance in bytes after which the bytes of a write repeat.
  private static let period: UInt64 = 7
}

/// A job: accesses in order, at any time between its submission and the end of a wait for it.
public struct ScriptJob: Sendable {
  public let name: String
  public let node: Int
  /// Jobs on one queue run one after the other.
  public let queue: Int
  /// Never empty.
  public let accesses: [ScriptAccess]
  /// The number of bytes of all its accesses.
  public var byteCount: UInt64 {
    accesses.reduce(0) { $0 + ($1.range.upperBound - $1.range.lowerBound) }
  }
  /// The jobs it waits for: the ones its `after` names, and the previous one on its queue.
  public let after: [Int]
  public let position: SourcePosition
}
