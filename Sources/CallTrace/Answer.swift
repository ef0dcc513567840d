// SPDX-License-Identifier: MIT

/// What a call answered, without any number that only one run has: equal answers are the same answer.
public struct Answer: Hashable, Sendable {
  /// A negated errno, or the value; the order of appearance where that is a descriptor or a mapping.
  public var result: Int64
  /// What the kernel gave beside the result, in the order of the argument's fields.
  public var gifts: [Gift]
  /// An ioctl's argument after the call, then each buffer that it may have written; the bytes of a load.
  ///
  /// What ``gifts`` and the call's links tell is 0 here, and so are times.
  public var bytes: [UInt8]

  /// Creates an answer.
  public init(_ result: Int64, gifts: [Gift] = [], bytes: [UInt8] = []) {
    self.result = result
    self.gifts = gifts
    self.bytes = bytes
  }

  /// Whether the call failed.
  public var isFailure: Bool { result < 0 }
}

/// Something the kernel named, by which one it is.
public struct Gift: Hashable, Sendable {
  /// What was named.
  public enum Kind: Hashable, Sendable {
    case descriptor
    case fakeOffset
    case gpuAddress
  }

  public var kind: Kind
  /// Order of appearance, from 1; the same number again where the kernel gave the same thing again.
  public var number: Int

  /// Creates a gift.
  public init(_ kind: Kind, _ number: Int) {
    self.kind = kind
    self.number = number
  }
}
