// SPDX-License-Identifier: MIT

public import Litmus

/// A sync that a proved script could do without, or with less of.
public struct Advice: Hashable, Sendable {
  /// What could be better.
  public enum Kind: Hashable, Sendable {
    /// It is still proved without this one alone.
    case redundant
    /// It is still proved with this smaller range, in the BO.
    case overwide(needed: Range<UInt64>)
  }

  public let kind: Kind
  /// The BO that is synced, by number.
  public let buffer: Int
  /// The range that is synced, in the BO.
  public let range: Range<UInt64>
  public let position: SourcePosition

  /// How results name it.
  public var label: String {
    switch kind {
    case .redundant: "REDUNDANT_SYNC"
    case .overwide: "OVERWIDE_SYNC"
    }
  }

  /// How many bytes are maintained for nothing.
  public var wasted: UInt64 {
    let whole = UInt64(range.count)
    return switch kind {
    case .redundant: whole
    case .overwide(let needed): whole - UInt64(needed.count)
    }
  }
}
