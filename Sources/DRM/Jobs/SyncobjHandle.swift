// SPDX-License-Identifier: MIT

/// The number of a syncobj in its node; valid for as long as its owner lives.
public struct SyncobjHandle: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  public var description: String { "\(rawValue)" }
}

/// A syncobj's one fence, or a point on its timeline.
public struct SyncPoint: Hashable, Sendable {
  public let syncobj: SyncobjHandle
  /// The point, from 1; nil for a syncobj that is no timeline.
  public let value: UInt64?

  /// Names a syncobj's fence, or the fence at a point.
  public init(_ syncobj: SyncobjHandle, at value: UInt64? = nil) {
    self.syncobj = syncobj
    self.value = value
  }
}
