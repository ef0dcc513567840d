// SPDX-License-Identifier: MIT

/// One piece of cache maintenance that a kernel did: what, by whose mapping, to exactly which bytes of a BO.
///
/// A sync of a WC BO, of a coherent device's BO or of a BO without pages leaves no record.
public struct MaintenanceRecord: Hashable, Sendable {
  /// What was done to cache lines.
  public enum Action: String, Hashable, Sendable {
    /// Dirty lines were written back: what arm64 does for a device, whichever way the data goes.
    case clean
    /// Lines were dropped: what arm64 does for the CPU, unless the device only read.
    case invalidate
  }

  public let action: Action
  /// By whose mapping: the path of a render node, or the name of an exporter such as `udmabuf`.
  public let device: String
  /// The BO by the order in which that device got them, from 1.
  public let buffer: Int
  /// The bytes that were asked for, from the start of the BO, before widening to lines.
  public let range: Range<UInt64>

  /// Creates a record, to compare with.
  public init(action: Action, device: String, buffer: Int, range: Range<UInt64>) {
    self.action = action
    self.device = device
    self.buffer = buffer
    self.range = range
  }

  /// Answers the bytes that were touched: the range widened to whole cache lines.
  public func lines(ofSize granule: UInt64) -> Range<UInt64> {
    let start = range.lowerBound / granule * granule
    let end = (range.upperBound + granule - 1) / granule * granule
    return start..<end
  }
}
