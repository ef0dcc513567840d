// SPDX-License-Identifier: MIT

/// One job of a chain, as a Mali GPU with job slots (Midgard to Valhall-JM) reads it from memory.
///
/// Only jobs without a shader are offered: a null job, and a job that writes a value.
public struct JobDescriptor: Hashable, Sendable {
  /// A value that a job writes, little-endian.
  public enum Value: Hashable, Sendable {
    /// One byte.
    case immediate8(UInt8)
    /// Two bytes.
    case immediate16(UInt16)
    /// Four bytes.
    case immediate32(UInt32)
    /// Eight bytes.
    case immediate64(UInt64)

    /// The size in bytes.
    public var size: Int {
      switch self {
      case .immediate8: 1
      case .immediate16: 2
      case .immediate32: 4
      case .immediate64: 8
      }
    }
  }

  /// The type of a job, with its operands.
  public enum Work: Hashable, Sendable {
    /// Does nothing.
    case null
    /// Writes a value at a GPU address, which is a multiple of the value's size.
    case write(Value, at: UInt64)
  }

  /// The size of a descriptor in bytes, which is also its alignment.
  public static let size = 64
  /// The status after a job without a fault; a greater value is a fault.
  public static let done: UInt32 = 1
  /// The offset of the immediate value, in bytes.
  public static let immediateOffset = 48
  /// The offset of the status word, in bytes; the GPU writes it when the job ends.
  public static let statusOffset = 0

  /// What the job does.
  public var work: Work
  /// The job's number in its chain, from 1.
  public var index: UInt16
  /// The number of the job that must end before; 0 for none.
  public var dependency: UInt16
  /// The GPU address of the chain's next job; 0 after the last one.
  public var next: UInt64

  /// Creates a job.
  public init(_ work: Work, index: UInt16 = 1, after dependency: UInt16 = 0, next: UInt64 = 0) {
    self.work = work
    self.index = index
    self.dependency = dependency
    self.next = next
  }

  /// The descriptor's words, lowest address first.
  public var words: [UInt64] {
    let type: UInt64 =
      switch work {
      case .null: 1
      case .write: 2
      }
    // The header: the GPU writes status and fault pointer; bit 0 selects pointers of 64 bits.
    let control = 1 | type << 1 | UInt64(index) << 16 | UInt64(dependency) << 32
    guard case .write(let value, let address) = work else {
      return [0, 0, control, next, 0, 0, 0, 0]
    }
    let (kind, bits): (UInt64, UInt64) =
      switch value {
      case .immediate8(let value): (4, UInt64(value))
      case .immediate16(let value): (5, UInt64(value))
      case .immediate32(let value): (6, UInt64(value))
      case .immediate64(let value): (7, value)
      }
    return [0, 0, control, next, address, kind, bits, 0]
  }

  /// The descriptor's bytes.
  public var bytes: [UInt8] {
    words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
  }
}
