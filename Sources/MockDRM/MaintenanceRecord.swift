// SPDX-License-Identifier: MIT

/// One piece of cache maintenance that a mock device did: what, on which BO, to exactly which bytes.
///
/// A sync of a WC BO, of a coherent device's BO or of a BO without pages leaves no record.
public struct MaintenanceRecord: Hashable, Sendable {
  /// What was done to the lines; `dma_sync_single_for_device` and `_for_cpu` on arm64.
  public enum Action: String, Hashable, Sendable {
    /// Dirty lines were written back.
    case clean
    /// Lines were dropped.
    case invalidate
  }

  public let action: Action
  /// The BO by order of creation on its device, from 1.
  public let buffer: Int
  /// The bytes that were asked for, from the start of the BO, before widening to lines.
  public let range: Range<UInt64>

  /// Creates a record, to compare with.
  public init(action: Action, buffer: Int, range: Range<UInt64>) {
    self.action = action
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
