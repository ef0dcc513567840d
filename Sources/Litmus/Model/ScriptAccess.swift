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
  }

  /// The number that stands for the zeroes of a new BO in place of a write's.
  public static let zeroes = -1

  public let kind: Kind
  public let buffer: Int
  /// In bytes, never empty, within the buffer's size.
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

  /// Returns the byte that write `number` stores at an offset of its buffer.
  ///
  /// It is never zero, and differs between any two of 255 consecutive writes.
  public static func byte(of number: Int, at offset: UInt64) -> UInt8 {
    // Past 255 writes the value shifts with the offset, so that few bytes of two writes are equal.
    let round = number / 255
    return UInt8(1 + (number + round * Int(truncatingIfNeeded: offset % 7)) % 255)
  }
}

/// A job: accesses in order, at any time between its submission and the end of a wait for it.
public struct ScriptJob: Sendable {
  public let name: String
  public let node: Int
  /// Jobs on one queue run one after the other.
  public let queue: Int
  /// Never empty.
  public let accesses: [ScriptAccess]
  /// The jobs it waits for: the ones its `after` names, and the previous one on its queue.
  public let after: [Int]
  public let position: SourcePosition
}
